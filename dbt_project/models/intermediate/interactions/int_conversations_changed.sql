-- One row per conversation of which a pending load brought a new version of some record.
{{ config(materialized='table', indexes=[{'columns': ['source', 'conversation_native_id'], 'unique': True}]) }}

with

arrivals as (

    {% for source_name, relations in var('interaction_sources').items() %}
    {%- set is_last_source = loop.last -%}
    {% for relation in relations %}
    select '{{ source_name }}' as source, conversation_native_id
    from {{ ref(relation) }}
    where _load_id in ({{ pending_load_ids(source('ops', 'pending_loads')) }})
    {{ 'union all' if not (is_last_source and loop.last) }}
    {% endfor %}
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
