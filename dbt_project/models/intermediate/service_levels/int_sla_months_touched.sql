-- One row per month whose service levels this run restates: of clocks that touched conversations had, or have now.
{{ config(materialized='table') }}

{#- As the run before this one left them; `ref` would be a cycle. A full refresh restates all months. -#}
{% set known = load_relation(this.incorporate(path={'schema': 'marts', 'identifier': 'fct_sla_events'})) %}
{% set before = load_relation(this) %}

with

touched as (

    select * from {{ ref('int_conversations_touched') }}

),

days as (

    select (started_at at time zone 'UTC')::date as date_key
    from {{ ref('int_sla_outcomes') }}
    {% if known and not flags.FULL_REFRESH %}
    union
    select known.date_key
    from touched
    inner join {{ known }} as known
        on touched.source_conversation_id = known.source_conversation_id
    {% endif %}
    {% if before and not flags.FULL_REFRESH %}
    -- A transform that died may have moved clocks already; the months they left are still to be restated.
    union
    select before.month_start_date
    from {{ before }} as before
    where exists (
        select 1
        from {{ source('ops', 'transform_runs') }} as runs
        where
            runs.transform_id > {{ last_published_transform() }}
            and runs.transform_id < {{ running_transform() }}
    )
    {% endif %}

),

final as (

    -- Many days fall into one month.
    select distinct date_trunc('month', date_key)::date as month_start_date
    from days

)

select * from final
