-- One row per version of a CRM customer that we read, with its validity.
{{
    config(
        materialized='incremental',
        indexes=[
            {'columns': ['_record_key']},
            {'columns': ['customer_id']},
            {'columns': ['_load_id']}
        ]
    )
}}

with

source as (
    {{ all_versions('crm', 'customers') }}
),

renamed as (

    select
        source._record_key,
        source._record_hash,
        customers.id as customer_id,
        {{ blank_to_null('customers.account_id') }} as account_id,
        {{ blank_to_null('customers.external_ref') }} as external_ref,
        {{ clean_text('customers.first_name') }} as first_name,
        {{ clean_text('customers.last_name') }} as last_name,
        {{ blank_to_null('customers.email') }} as email,
        {{ blank_to_null('customers.phone') }} as phone,
        lower(ltrim({{ blank_to_null('customers.x_handle') }}, '@')) as x_handle,
        lower({{ blank_to_null('customers.market') }}) as market_code,
        {{ blank_to_null('customers.segment') }} as segment,
        {{ blank_to_null('customers.tier') }} as tier,
        lower({{ blank_to_null('customers.status') }}) as status,
        {{ to_number_or_null('customers.lifetime_value_usd') }} as lifetime_value_usd,
        {{ to_timestamp_or_null('customers.created_at') }} as created_at,
        {{ to_timestamp_or_null('customers.updated_at') }} as updated_at,
        {{ crm_version_began_at() }} as version_began_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as customers (
        id text, account_id text, external_ref text, first_name text, last_name text, email text, phone text,
        x_handle text, market text, segment text, tier text, status text, lifetime_value_usd text, created_at text,
        updated_at text
    )

),

final as (
    {{ with_spans('renamed') }}
)

select * from final
