{# One row per conversation whose episodes this run replaces: touched, or resolved seven days ago by now. #}
{{ config(materialized='table', indexes=[{'columns': ['source_conversation_id'], 'unique': True}]) }}

{% set known = left_by_the_run_before('fct_episodes', schema='marts') %}

with

touched as (

    select source_conversation_id from {{ ref('int_conversations_touched') }}

),

final as (

    select source_conversation_id from touched
    {% if known and not flags.FULL_REFRESH %}
        union
        select known.source_conversation_id
        from {{ known }} as known
        where
            known.resolved_at <= {{ running_as_of() }} - interval '7 days'
            -- Since the last publication, not since a killed run, whatever that built.
            and known.resolved_at > {{ last_published_as_of() }} - interval '7 days'
    {% endif %}

)

select * from final
