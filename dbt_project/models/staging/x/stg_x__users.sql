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
        {{ clean_text('users.name') }} as name,
        {{ to_number_or_null("(users.public_metrics ->> 'followers_count')") }}::bigint as followers,
        {{ to_timestamp_or_null('users.created_at') }} as created_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as users (
        id text, username text, name text, created_at text, public_metrics jsonb
    )

)

select * from renamed
