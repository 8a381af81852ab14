-- One row per conversation of which a pending load brought a new version of some record.
{{ config(materialized='table', indexes=[{'columns': ['source', 'conversation_native_id'], 'unique': True}]) }}

with

arrivals as (

    {% for relation in var('conversation_relations') %}
        select
            '{{ relation.split('__')[0] | replace('stg_', '') }}' as source,
            conversation_native_id
        from {{ ref(relation) }}
        where _load_id in ({{ pending_load_ids(source('ops', 'pending_loads')) }})
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    -- Several records of one conversation arrive together.
    select distinct
        source,
        conversation_native_id,
        source || ':' || conversation_native_id as source_conversation_id
    from arrivals
    where conversation_native_id is not null

)

select * from final
