-- One row per group of agents, in its newest version.
{{
    config(
        materialized='incremental',
        indexes=[
            {'columns': ['_record_key'], 'unique': True},
            {'columns': ['_load_id']}
        ]
    )
}}

with

source as (
    {{ newest_versions('zendesk', 'groups') }}
),

renamed as (

    select
        source._record_key,
        groups.id as group_id,
        {{ clean_text('groups.name') }} as group_name,
        {{ to_boolean_or_null('groups.deleted') }} as is_deleted,
        {{ to_timestamp_or_null('groups.created_at') }} as created_at,
        {{ to_timestamp_or_null('groups.updated_at') }} as updated_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as groups (
        id text, name text, deleted text, created_at text, updated_at text
    )

)

select * from renamed
