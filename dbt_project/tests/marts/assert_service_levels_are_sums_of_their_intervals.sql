-- Every clock of a service level that stopped equals the sum of the intervals that fct_clock_intervals lists for it.
with

listed as (

    select
        sla_event_id,
        metric,
        sum(calendar_seconds) as calendar_seconds,
        sum(business_seconds) as business_seconds,
        bool_or(ended_at is null) as is_running
    from {{ ref('fct_clock_intervals') }}
    where sla_event_id is not null
    group by sla_event_id, metric

),

shown as (

    select
        events.sla_event_id,
        events.in_business_hours,
        events.is_paused,
        events.ended_at,
        clocks.*
    from {{ ref('fct_sla_events') }} as events
    cross join
        lateral (
            values
            ('sla_' || events.metric, events.elapsed_seconds),
            ('sla_' || events.metric || '_team', events.team_elapsed_seconds)
        ) as clocks (metric, elapsed_seconds)
    -- Only a customer's message can be seen late, so that the team's clock differs.
    where clocks.metric not like '%_team' or events.metric in ('first_reply', 'next_reply')

)

select
    shown.sla_event_id,
    shown.metric
from shown
left join listed
    on shown.sla_event_id = listed.sla_event_id and shown.metric = listed.metric
where
    shown.elapsed_seconds
    <> coalesce(case when shown.in_business_hours then listed.business_seconds else listed.calendar_seconds end, 0)
    -- A clock that nobody stopped has an interval that goes on, unless it stands still.
    or (shown.ended_at is null and coalesce(listed.is_running, false) = shown.is_paused)
    or (shown.ended_at is not null and listed.is_running)
