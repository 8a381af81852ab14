-- One row per clock of a conversation and interval that it is the sum of.
{{ config(materialized='view') }}

with

-- Read twice and queried for one conversation: found by index both times.
gaps as not materialized (

    select * from {{ ref('fct_response_gaps') }}

),

final as (

    select
        stretches.source_conversation_id,
        stretches.conversation_id,
        stretches.market_code,
        clocks.metric,
        stretches.case_interval_id as interval_id,
        null as sla_event_id,
        stretches.calendar_code,
        stretches.calendar_seconds,
        stretches.business_seconds,
        'status ' || stretches.status
        || case
            when not stretches.is_assigned then ', assigned to nobody'
            when stretches.is_held_by_human then ', held by an agent'
            else ', held by a bot or one who is not staff'
        end as why,
        stretches.started_at,
        stretches.ended_at
    from {{ ref('fct_case_intervals') }} as stretches
    cross join
        lateral (
            values
            {% for clock, is_counted in case_clocks().items() -%}
                ('{{ clock }}', {{ is_counted }}){{ ',' if not loop.last }}
            {% endfor %}
        ) as clocks (metric, is_counted)
    where clocks.is_counted
    union all
    select
        gaps.source_conversation_id,
        gaps.conversation_id,
        gaps.market_code,
        waits.metric,
        gaps.response_gap_id as interval_id,
        null as sla_event_id,
        gaps.calendar_code,
        waits.calendar_seconds,
        waits.business_seconds,
        waits.why,
        waits.started_at,
        gaps.ended_at
    from gaps
    cross join
        lateral (
            values
            (
                'response_gap_customer', gaps.customer_calendar_seconds, null::bigint, gaps.started_at,
                'from the oldest unanswered message: ' || gaps.outcome
            ),
            (
                'response_gap_team', gaps.team_calendar_seconds, gaps.team_business_seconds, gaps.started_available_at,
                'from when that message could be seen: ' || gaps.outcome
            )
        ) as waits (metric, calendar_seconds, business_seconds, started_at, why)
    union all
    select
        conversations.source_conversation_id,
        conversations.conversation_id,
        conversations.market_code,
        spans.metric,
        conversations.conversation_id || ':' || spans.metric as interval_id,
        null as sla_event_id,
        conversations.calendar_code,
        {{ seconds_between('spans.started_at', 'spans.ended_at') }} as calendar_seconds,
        spans.business_seconds,
        spans.why,
        spans.started_at,
        spans.ended_at
    from {{ ref('fct_conversations') }} as conversations
    left join gaps
        on
            conversations.conversation_id = gaps.conversation_id
            and conversations.first_customer_message_at = gaps.started_at
    cross join
        lateral (
            values
            (
                'frt_customer', null, conversations.first_customer_message_at, conversations.first_reply_at,
                'from the first customer message to the first reply'
            ),
            -- Not always a response gap: after a closure without an answer, the reply came in a later gap.
            (
                'frt_team', conversations.frt_team_business_seconds, gaps.started_available_at,
                conversations.first_reply_at, 'from when that message could be seen to the first reply'
            ),
            (
                'first_resolution', conversations.first_resolution_business_seconds, conversations.opened_at,
                conversations.first_resolved_at, 'from opening to the first resolution'
            ),
            (
                'final_resolution', conversations.final_resolution_business_seconds, conversations.opened_at,
                conversations.last_resolved_at, 'from opening to the resolution that stands'
            )
        ) as spans (metric, business_seconds, started_at, ended_at, why)
    where spans.ended_at >= spans.started_at
    union all
    select
        source_conversation_id,
        conversation_id,
        market_code,
        'sla_' || metric || case when is_team_clock then '_team' else '' end as metric,
        sla_interval_id as interval_id,
        sla_event_id,
        calendar_code,
        calendar_seconds,
        business_seconds,
        coalesce('status ' || status, 'never pauses') as why,
        started_at,
        ended_at
    from {{ ref('fct_sla_intervals') }}

)

select * from final
