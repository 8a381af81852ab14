-- One row per Zendesk user, staff or customer, in its newest version.
{{
    config(
        materialized='incremental',
        indexes=[
            {'columns': ['_record_key'], 'unique': True},
            {'columns': ['user_id']},
            {'columns': ['_load_id']}
        ]
    )
}}

with

source as (
    {{ newest_versions('zendesk', 'users') }}
),

renamed as (

    select
        source._record_key,
        users.id as user_id,
        lower({{ blank_to_null('users.role') }}) as role,
        {{ blank_to_null('users.external_id') }} as external_id,
        {{ clean_text('users.name') }} as name,
        {{ blank_to_null('users.email') }} as email,
        {{ blank_to_null('users.phone') }} as phone,
        users.default_group_id,
        {{ to_boolean_or_null('users.active') }} as is_active,
        {{ to_boolean_or_null('users.verified') }} as is_verified,
        {{ to_timestamp_or_null('users.created_at') }} as created_at,
        {{ to_timestamp_or_null('users.updated_at') }} as updated_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as users (
        id text, role text, external_id text, name text, email text, phone text, default_group_id text, active text,
        verified text, created_at text, updated_at text
    )

)

select * from renamed
