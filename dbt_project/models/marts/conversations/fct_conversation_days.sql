-- One row per case and local day at the end of which it was unsolved: the backlog, for days that are over in every
-- market.
{{
    config(
        materialized='incremental',
        unique_key='source_conversation_id',
        meta={'changed_keys': 'int_backlog_touched'},
        indexes=[{'columns': ['conversation_day_id'], 'unique': True}, {'columns': ['source_conversation_id']}]
    )
}}

with

backlog as (

    select * from {{ ref('int_backlog_touched') }}

),

intervals as (

    select intervals.*
    from {{ ref('fct_case_intervals') }} as intervals
    inner join backlog
        on intervals.source_conversation_id = backlog.source_conversation_id

),

conversations as (

    select * from {{ ref('fct_conversations') }}

),

markets as (

    select * from {{ ref('dim_market') }}

),

-- A day that is only over in eastern markets would count as a day of a mean, but without all its cases.
shared_days as (

    select min(({{ running_as_of() }} at time zone timezone)::date) as over_before
    from markets

),

stretches as (

    select
        intervals.source_conversation_id,
        intervals.conversation_id,
        intervals.agent_key,
        intervals.team_id,
        intervals.status,
        intervals.is_assigned,
        intervals.started_at,
        intervals.ended_at,
        shared_days.over_before,
        conversations.channel_code,
        conversations.market_code,
        conversations.brand_code,
        conversations.customer_key,
        conversations.opened_at,
        coalesce(markets.timezone, 'UTC') as timezone
    from intervals
    inner join conversations
        on intervals.conversation_id = conversations.conversation_id
    left join markets
        on conversations.market_code = markets.market_code
    cross join shared_days

),

final as (

    select
        stretches.conversation_id || ':' || days.local_day::date as conversation_day_id,
        stretches.source_conversation_id,
        stretches.conversation_id,
        days.local_day::date as local_date_key,
        stretches.channel_code,
        stretches.market_code,
        stretches.brand_code,
        stretches.customer_key,
        stretches.agent_key,
        stretches.team_id,
        stretches.status,
        {{ seconds_between('stretches.opened_at', 'endings.ended_at') }} as age_seconds,
        stretches.is_assigned,
        endings.ended_at as day_ended_at
    from stretches
    cross join
        lateral generate_series(
            (stretches.started_at at time zone stretches.timezone)::date::timestamp,
            least((stretches.ended_at at time zone stretches.timezone)::date, stretches.over_before - 1)::timestamp,
            interval '1 day'
        ) as days (local_day)
    cross join
        lateral (
            values ((days.local_day + interval '1 day') at time zone stretches.timezone)
        ) as endings (ended_at)
    -- A case solved exactly at midnight is still in the backlog of the day before.
    where (endings.ended_at <= stretches.ended_at) is not false

)

select * from final
