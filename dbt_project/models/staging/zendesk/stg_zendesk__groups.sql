-- One row per group of agents, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes()) }}

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
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as groups (id text, name text, deleted text)

)

select * from renamed
