{# One row per conversation whose episodes this run replaces: touched, or resolved seven days before by now. #}
{{ config(materialized='table', indexes=[{'columns': ['source_conversation_id'], 'unique': True}]) }}

{#- As the run before this one left them; `ref` would be a cycle. -#}
{% set known = load_relation(this.incorporate(path={'schema': 'marts', 'identifier': 'fct_episodes'})) %}

with

touched as (

    select source_conversation_id from {{ ref('int_conversations_touched') }}

),

runs as (

    select * from {{ source('ops', 'transform_runs') }}

),

final as (

    select source_conversation_id from touched
    {% if known and not flags.FULL_REFRESH %}
        union
        select known.source_conversation_id
        from {{ known }} as known
        where
            known.resolved_at <= (
                select runs.as_of - interval '7 days' from runs
                where runs.transform_id = {{ running_transform() }}
            )
            -- Since what was published, not since what a killed run may have built.
            and known.resolved_at > (
                select coalesce(max(runs.as_of), '-infinity') - interval '7 days' from runs
                where runs.transform_id = {{ last_published_transform() }}
            )
    {% endif %}

)

select * from final
