-- One row per version of a HubSpot contact that we read, with its validity.
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
    {{ all_versions('hubspot', 'contacts') }}
),

renamed as (

    select
        source._record_key,
        source._record_hash,
        'hubspot:' || source._record_key as customer_id,
        'hubspot:' || {{ blank_to_null('contacts.associatedcompanyid') }} as account_id,
        {{ clean_text('contacts.firstname') }} as first_name,
        {{ clean_text('contacts.lastname') }} as last_name,
        {{ blank_to_null('contacts.email') }} as email,
        coalesce({{ blank_to_null('contacts.mobilephone') }}, {{ blank_to_null('contacts.phone') }}) as phone,
        {{ chosen_customer_columns("source.payload ? 'archivedAt'") }},
        {{ to_timestamp_or_null("source.payload ->> 'createdAt'") }} as created_at,
        coalesce(source._version_at, source._extracted_at) as version_began_at,
        source._extracted_at,
        source._load_id
    from source
    cross join
        lateral jsonb_to_record(source.payload -> 'properties')
            as contacts (
                associatedcompanyid text, firstname text, lastname text, email text, phone text, mobilephone text
            )

),

final as (
    {{ with_spans('renamed') }}
)

select * from final
