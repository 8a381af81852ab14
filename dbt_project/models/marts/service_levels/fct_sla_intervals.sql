-- One row per service level event, clock (the customer's or the team's) and interval that it is the sum of.
{{ config(materialized='view') }}

with

events as (

    select * from {{ ref('fct_sla_events') }}

),

intervals as (

    select
        events.sla_event_id,
        events.source_conversation_id,
        events.conversation_id,
        events.market_code,
        events.metric,
        stretches.case_interval_id,
        stretches.status,
        events.calendar_code,
        clocks.is_team_clock,
        greatest(clocks.started_at, stretches.started_at) as started_at,
        least(events.ended_at, stretches.ended_at) as ended_at
    from events
    inner join {{ ref('dim_sla_policy') }} as policies
        on events.sla_policy_key = policies.sla_policy_key
    cross join
        lateral (
            values (false, events.started_at), (true, events.started_available_at)
        ) as clocks (is_team_clock, started_at)
    left join {{ ref('fct_case_intervals') }} as stretches
        on
            events.conversation_id = stretches.conversation_id
            and stretches.status = any(string_to_array(policies.running_statuses, ', '))
            and clocks.started_at < coalesce(stretches.ended_at, 'infinity')
            and coalesce(events.ended_at, 'infinity') > stretches.started_at
    where
        -- A clock that pauses and has not run yet has no interval.
        (policies.running_statuses is null or stretches.case_interval_id is not null)
        -- If the time of answering a call is unknown, so is its waiting time.
        and events.ended_by is distinct from 'untimed_reply'
        -- Only a customer's message can be seen later than it was written.
        and (not clocks.is_team_clock or events.metric in ('first_reply', 'next_reply'))

),

measured as (

    select
        intervals.*,
        case
            when intervals.ended_at >= intervals.started_at
                then extract(epoch from intervals.ended_at - intervals.started_at)
        end as calendar_seconds,
        {{ business_seconds(
            'intervals.calendar_code', 'intervals.started_at', 'intervals.ended_at', ref('dim_business_window')
        ) }} as business_seconds
    from intervals

),

final as (

    select
        sla_event_id || case when is_team_clock then ':team#' else '#' end || row_number() over clocks
            as sla_interval_id,
        sla_event_id,
        source_conversation_id,
        conversation_id,
        market_code,
        metric,
        case_interval_id,
        status,
        calendar_code,
        {{ whole_seconds_of('calendar_seconds', 'clocks') }} as calendar_seconds,
        {{ whole_seconds_of('business_seconds', 'clocks') }} as business_seconds,
        is_team_clock,
        started_at,
        ended_at
    from measured
    -- The conversation is named, so that a condition on it applies before anything is added up.
    window clocks as (partition by conversation_id, sla_event_id, is_team_clock order by started_at)

)

select * from final
