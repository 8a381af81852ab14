-- One row per Zendesk user, staff or customer, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('user_id')) }}

with

source as (
    {{ newest_versions('zendesk', 'users') }}
),

renamed as (

    select
        source._record_key,
        users.id as user_id,
        {{ blank_to_null('users.external_id') }} as external_id,
        {{ clean_text('users.name') }} as name,
        {{ blank_to_null('users.email') }} as email,
        {{ blank_to_null('users.phone') }} as phone,
        {{ to_boolean_or_null('users.verified') }} as is_verified,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as users (
        id text, external_id text, name text, email text, phone text, verified text
    )

)

select * from renamed
