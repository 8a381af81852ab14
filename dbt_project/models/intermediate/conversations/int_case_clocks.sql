-- One row per touched case with dated statuses: the sums of its clocks, and how often it was handed over.
{{ config(materialized='table', indexes=[{'columns': ['source_conversation_id'], 'unique': True}]) }}

with

intervals as (

    select * from {{ ref('int_case_intervals') }}

),

holders as (

    select
        source_conversation_id,
        agent_native_id,
        lag(agent_native_id) over (partition by source_conversation_id order by span_number) as agent_before
    from {{ ref('int_assignment_spans') }}
    where agent_native_id is not null

),

handoffs as (

    select
        source_conversation_id,
        count(*) filter (where agent_native_id <> agent_before) as handoff_count
    from holders
    group by source_conversation_id

),

-- A case that was created as solved has statuses, but no unsolved time: 0 seconds of its calendar, if it has one.
cases as (

    select
        spans.source_conversation_id,
        calendars.calendar_code is not null as has_calendar
    from {{ ref('int_status_spans') }} as spans
    left join {{ ref('int_conversation_calendars') }} as calendars
        on spans.source_conversation_id = calendars.conversation_id
    where spans.span_number = 1

),

clocks as (

    select
        cases.source_conversation_id,
        {% for clock, is_counted in case_clocks().items() -%}
            coalesce(sum(intervals.calendar_seconds) filter (where {{ is_counted }}), 0)::bigint
                as {{ clock }}_calendar_seconds,
            coalesce(sum(intervals.business_seconds) filter (where {{ is_counted }}), 0)::bigint
                as {{ clock }}_business_seconds,
        {% endfor -%}
        -- A clock that still runs has no sum yet.
        count(*) filter (where intervals.started_at is not null and intervals.ended_at is null) = 0 as is_stopped,
        cases.has_calendar and count(intervals.started_at) = count(intervals.business_seconds) as is_in_calendar
    from cases
    left join intervals
        on cases.source_conversation_id = intervals.source_conversation_id
    group by cases.source_conversation_id, cases.has_calendar

),

final as (

    select
        clocks.source_conversation_id,
        {% for clock in case_clocks() if clock != 'handling' -%}
            case when clocks.is_stopped then clocks.{{ clock }}_calendar_seconds end as {{ clock }}_calendar_seconds,
            case when clocks.is_stopped and clocks.is_in_calendar then clocks.{{ clock }}_business_seconds end
                as {{ clock }}_business_seconds,
        {% endfor -%}
        case when clocks.is_stopped and clocks.is_in_calendar then clocks.handling_business_seconds end
            as handling_business_seconds,
        coalesce(handoffs.handoff_count, 0)::integer as handoff_count
    from clocks
    left join handoffs
        on clocks.source_conversation_id = handoffs.source_conversation_id

)

select * from final
