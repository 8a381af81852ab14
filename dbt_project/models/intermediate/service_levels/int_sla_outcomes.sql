-- One row per run of a clock under one application of a service level, with its measurement and outcome.
{{ config(materialized='table') }}

with

clocks as (

    select * from {{ ref('int_sla_clocks') }}

),

totals as (

    select
        sla_event_id,
        floor(sum(elapsed_seconds))::bigint as elapsed_seconds,
        bool_or(ended_at is not null and elapsed_seconds is null) as is_unmeasured,
        bool_or(ended_at is null) as is_ticking,
        max(due_at) as due_at
    from {{ ref('int_sla_intervals') }}
    group by sla_event_id

),

measured as (

    select
        clocks.*,
        totals.due_at,
        case
            when clocks.in_business_hours and clocks.calendar_code is null then null
            -- The time is unknown, so the duration is too.
            when clocks.ended_by = 'untimed_reply' then null
            when clocks.ended_at is not null and totals.is_unmeasured is not true
                then coalesce(totals.elapsed_seconds, 0)
        end as elapsed_seconds,
        clocks.ended_at is null and totals.is_ticking is not true as is_paused,
        -- Nothing is due if no calendar is assigned, or after its last window.
        totals.is_unmeasured is true
        or (clocks.in_business_hours and clocks.calendar_code is null)
        or (totals.is_ticking is true and totals.due_at is null) as is_unmeasured,
        clocks.started_available_at > clocks.started_at as is_late
    from clocks
    left join totals
        on clocks.sla_event_id = totals.sla_event_id

),

-- Only a reply to a customer's message can be seen late: those clocks run without a pause.
adjusted as (

    select
        measured.*,
        case
            when not measured.is_late or measured.elapsed_seconds is null then measured.elapsed_seconds
            when measured.ended_at <= measured.started_available_at then 0
            else floor({{ sla_seconds('measured', 'measured.started_available_at', 'measured.ended_at') }})::bigint
        end as team_elapsed_seconds,
        case
            when not measured.is_late then measured.due_at
            else {{ sla_due_at('measured', 'measured.started_available_at', 'measured.target_seconds') }}
        end as team_due_at
    from measured

),

reasons as (

    select
        adjusted.*,
        case
            when cases.is_deleted then 'deleted'
            -- No answer is promised to a message that does not need one; an undecided message is promised one.
            when topics.is_serviceable is false then 'not_serviceable'
            when adjusted.ended_by = 'merge' then 'merged'
            when adjusted.ended_by = 'untimed_reply' then 'not_recorded'
            when adjusted.is_unmeasured then 'no_calendar'
            when adjusted.elapsed_seconds > adjusted.target_seconds then null
            when adjusted.ended_by = 'abandonment' then 'abandoned'
            when adjusted.ended_by = 'replacement' then 'replaced'
        end as not_judged_reason
    from adjusted
    left join {{ ref('int_case_resolutions') }} as cases
        on adjusted.conversation_id = cases.source_conversation_id
    left join {{ ref('int_conversation_topics') }} as topics
        on adjusted.conversation_id = topics.conversation_id

),

final as (

    select
        reasons.*,
        {{ sla_outcome('reasons', 'reasons.elapsed_seconds', 'reasons.due_at') }} as outcome,
        {{ sla_outcome('reasons', 'reasons.team_elapsed_seconds', 'reasons.team_due_at') }} as team_outcome
    from reasons

)

select * from final
