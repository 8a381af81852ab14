-- One row per X account of the company, in its newest version.
{{
    config(
        materialized='incremental',
        indexes=[{'columns': ['_record_key'], 'unique': True}]
    )
}}

with

source as (
    {{ newest_versions('x', 'users') }}
),

renamed as (

    select
        source._record_key,
        users.id as user_id,
        lower({{ blank_to_null('users.username') }}) as handle,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as users (id text, username text)

)

select * from renamed
