-- One row per version of a Salesforce contact that we read, with its validity.
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
    {{ all_versions('salesforce', 'contacts') }}
),

renamed as (

    select
        source._record_key,
        source._record_hash,
        'salesforce:' || contacts."Id" as customer_id,
        'salesforce:' || {{ blank_to_null('contacts."AccountId"') }} as account_id,
        {{ clean_text('contacts."FirstName"') }} as first_name,
        {{ clean_text('contacts."LastName"') }} as last_name,
        {{ blank_to_null('contacts."Email"') }} as email,
        coalesce({{ blank_to_null('contacts."MobilePhone"') }}, {{ blank_to_null('contacts."Phone"') }}) as phone,
        {{ chosen_customer_columns(to_boolean_or_null('contacts."IsDeleted"')) }},
        {{ to_timestamp_or_null('contacts."CreatedDate"') }} as created_at,
        coalesce(source._version_at, source._extracted_at) as version_began_at,
        source._extracted_at,
        source._load_id
    from source
    cross join
        lateral jsonb_to_record(source.payload)
            as contacts (
                "Id" text, "IsDeleted" text, "AccountId" text, "FirstName" text, "LastName" text, "Email" text,
                "Phone" text, "MobilePhone" text, "CreatedDate" text
            )

),

final as (
    {{ with_spans('renamed') }}
)

select * from final
