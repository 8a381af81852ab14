-- One row per stretch in which a clock of a service level ran without a pause.
{{ config(materialized='table', indexes=[{'columns': ['sla_event_id']}]) }}

with

clocks as not materialized (

    select
        *,
        metric in (select pausing.metric from {{ ref('sla_clock_statuses') }} as pausing) as is_pausable
    from {{ ref('int_sla_clocks') }}

),

stretches as (

    select
        sla_event_id,
        in_business_hours,
        calendar_code,
        target_seconds,
        ended_at is not null as is_over,
        started_at,
        ended_at
    from clocks
    where not is_pausable
    union all
    select
        clocks.sla_event_id,
        clocks.in_business_hours,
        clocks.calendar_code,
        clocks.target_seconds,
        clocks.ended_at is not null as is_over,
        greatest(spans.started_at, clocks.started_at) as started_at,
        least(spans.ended_at, clocks.ended_at) as ended_at
    from clocks
    inner join {{ ref('int_status_spans') }} as spans
        on
            clocks.source_conversation_id = spans.source_conversation_id
            and clocks.started_at < coalesce(spans.ended_at, 'infinity')
            -- A clock that stopped as it started and a span began ran there; in a span without length nothing ran.
            and (coalesce(clocks.ended_at, 'infinity') > spans.started_at or clocks.started_at = spans.started_at)
            and spans.ended_at is distinct from spans.started_at
    inner join {{ ref('sla_clock_statuses') }} as statuses
        on clocks.metric = statuses.metric and spans.status = statuses.status
    where clocks.is_pausable

),

-- Kept here, or the months' arrays would be sorted together with each interval.
opened as materialized (

    select
        stretches.*,
        {{ open_seconds_in_month('start_months', 'stretches.started_at') }} as open_seconds_at_start,
        {{ open_seconds_in_month('end_months', 'stretches.ended_at') }} as open_seconds_at_end
    from stretches
    -- Only clocks of opening hours have a calendar.
    {{ business_months('start_months', 'stretches.calendar_code', 'stretches.started_at') }}
    {{ business_months('end_months', 'stretches.calendar_code', 'stretches.ended_at') }}

),

measured as (

    select
        *,
        case
            when not in_business_hours then extract(epoch from ended_at - started_at)
            when ended_at >= started_at then open_seconds_at_end - open_seconds_at_start
        end as elapsed_seconds
    from opened

),

summed as (

    select
        *,
        coalesce(sum(elapsed_seconds) over (clocks rows between unbounded preceding and 1 preceding), 0)
            as seconds_before,
        lead(started_at) over clocks is null as is_last
    from measured
    window clocks as (partition by sla_event_id order by started_at)

),

final as (

    select
        summed.sla_event_id,
        summed.started_at,
        summed.ended_at,
        summed.elapsed_seconds,
        -- A clock that stopped before its target would have come due later.
        case
            when
                summed.seconds_before < summed.target_seconds
                and (
                    summed.ended_at is null
                    or summed.seconds_before + summed.elapsed_seconds >= summed.target_seconds
                    or (summed.is_last and summed.is_over)
                )
                then {{ sla_due_at(
                    'summed', 'summed.started_at', '(summed.target_seconds - summed.seconds_before)',
                    'summed.open_seconds_at_start'
                ) }}
        end as due_at
    from summed

)

select * from final
