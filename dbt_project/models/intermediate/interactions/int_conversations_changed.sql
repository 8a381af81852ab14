-- One row per conversation with a new version of any record in a pending load, or from which a record moved away.
{{ config(materialized='table', indexes=[{'columns': ['source', 'conversation_native_id'], 'unique': True}]) }}

{#- A full refresh rebuilds all conversations. -#}
{% set known = left_by_the_run_before('int_interactions') %}
{% set before = load_relation(this) %}

with

arrivals as (

    {% for relation in var('conversation_relations') %}
        select
            '{{ relation.split('__')[0] | replace('stg_', '') }}' as source,
            conversation_native_id,
            {{ '_record_key' if relation in var('interaction_relations') else 'null' }} as interaction_native_id
        from {{ ref(relation) }}
        where _load_id in ({{ pending_load_ids(source('ops', 'pending_loads')) }})
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

affected as (

    select
        source,
        conversation_native_id
    from arrivals
    {% if known and not flags.FULL_REFRESH %}
    -- A record may now name another conversation than before: the one that it left has changed, too.
    -- By key, one by one: the number of arrivals is not known before, and the planner would rather read all of history.
    union
    select earlier.source, earlier.conversation_native_id
    from arrivals
    cross join
        lateral (
            select known.source, known.conversation_native_id
            from {{ known }} as known
            where known.interaction_id = arrivals.source || ':' || arrivals.interaction_native_id
            limit 1
        ) as earlier
    {% endif %}
    {% if before and not flags.FULL_REFRESH %}
    -- A transform that died, or this one before its task was repeated, may have moved records already; the
    -- conversations that they left must still be restated.
    union
    select before.source, before.conversation_native_id
    from {{ before }} as before
    where before.changed_by_transform > {{ last_published_transform() }}
    {% endif %}

),

final as (

    -- Several records of one conversation arrive together.
    select distinct
        source,
        conversation_native_id,
        source || ':' || conversation_native_id as source_conversation_id,
        {{ running_transform() }} as changed_by_transform
    from affected
    where conversation_native_id is not null

)

select * from final
