-- One row per local month whose service levels this run restates: months of clocks that changed, came or went.
{{ config(materialized='table') }}

{#- A full refresh restates all months. -#}
{% set known = left_by_the_run_before('fct_sla_events', schema='marts') %}
{% set before = load_relation(this) %}
{#- The customers' value as of the newest publication. -#}
{% set worth = left_by_the_run_before('dim_customer', schema='bi') %}
{% set is_compared = known and worth and not flags.FULL_REFRESH %}

{% set counted = [
    'sla_event_id', 'local_date_key', 'market_code', 'channel_code', 'metric', 'customer_id', 'customer_key',
    'lifetime_value_usd', 'author_followers', 'is_attained', 'is_attained_by_team', 'outcome'
] | join(', ') %}

with

touched as (

    select * from {{ ref('int_conversations_touched') }}

),

-- What rpt_sla_attainment counts of a clock, as fct_sla_events will have it.
present as (

    select
        outcomes.*,
        (outcomes.started_at at time zone coalesce(markets.timezone, 'UTC'))::date as local_date_key,
        turns.customer_id,
        coalesce(turns.customer_key, 'unknown') as customer_key,
        customers.lifetime_value_usd,
        turns.author_followers,
        case outcomes.outcome when 'attained' then true when 'missed' then false end as is_attained,
        case outcomes.team_outcome when 'attained' then true when 'missed' then false end as is_attained_by_team
    from {{ ref('int_sla_outcomes') }} as outcomes
    inner join {{ ref('int_conversation_turns') }} as turns
        on outcomes.conversation_id = turns.conversation_id
    left join {{ ref('int_customer_versions') }} as customers
        on turns.customer_key = customers.customer_key
    left join {{ ref('markets') }} as markets
        on outcomes.market_code = markets.market_code

),

{% if is_compared %}
earlier as (

    select
        known.*,
        worth.lifetime_value_usd
    from touched
    inner join {{ known }} as known
        on touched.source_conversation_id = known.source_conversation_id
    -- A version that no longer exists gives up its clocks, too.
    left join {{ worth }} as worth
        on known.customer_key = worth.customer_key

),

-- Most clocks of an old conversation that continues stay unchanged, and their months need no new count.
moved as (

    (select {{ counted }} from present except select {{ counted }} from earlier)
    union all
    (select {{ counted }} from earlier except select {{ counted }} from present)

),

{% endif %}
days as (

    select local_date_key from {{ 'moved' if is_compared else 'present' }}
    {% if before and not flags.FULL_REFRESH %}
    -- A transform that died, or this one before its task was repeated, may have moved clocks already; the months that
    -- they left must still be restated.
    union
    select before.month_start_date
    from {{ before }} as before
    where before.touched_by_transform > {{ last_published_transform() }}
    {% endif %}

),

final as (

    -- Many days fall into one month.
    select distinct
        date_trunc('month', local_date_key)::date as month_start_date,
        {{ running_transform() }} as touched_by_transform
    from days

)

select * from final
