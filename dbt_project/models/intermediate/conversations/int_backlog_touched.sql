{# One row per conversation whose backlog days this run replaces: touched, or unsolved, so that time adds days. #}
{{ config(materialized='table', indexes=[{'columns': ['source_conversation_id'], 'unique': True}]) }}

{% set known = left_by_the_run_before('fct_case_intervals', schema='marts') %}

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
            known.ended_at is null
            -- Solved, but on a day that was not over everywhere at the last publication, or later: a day ends 26 hours
            -- later in the world's last time zone than in its first.
            or known.ended_at > {{ last_published_as_of() }} - interval '26 hours'
    {% endif %}

)

select * from final
