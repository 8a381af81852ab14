-- Every clock of a conversation equals the sum of the intervals that fct_clock_intervals lists for it.
with

listed as (

    select
        conversation_id,
        metric,
        sum(calendar_seconds) as calendar_seconds,
        case when count(*) = count(business_seconds) then sum(business_seconds) end as business_seconds,
        bool_or(ended_at is null) as is_running
    from {{ ref('fct_clock_intervals') }}
    group by conversation_id, metric

),

shown as (

    select
        conversations.conversation_id,
        clocks.*
    from {{ ref('fct_conversations') }} as conversations
    cross join
        lateral (
            values
            {% for clock in ['agent_wait', 'requester_wait', 'solve', 'agent_work', 'on_hold', 'unassigned'] -%}
                (
                    '{{ clock }}', conversations.{{ clock }}_calendar_seconds,
                    conversations.{{ clock }}_business_seconds, conversations.solve_calendar_seconds is not null
                ),
            {% endfor -%}
            (
                'handling', null, conversations.handling_business_seconds,
                conversations.handling_business_seconds is not null
            ),
            (
                'first_resolution', conversations.first_resolution_seconds,
                conversations.first_resolution_business_seconds, true
            ),
            (
                'final_resolution', conversations.final_resolution_seconds,
                conversations.final_resolution_business_seconds, true
            ),
            ('frt_customer', conversations.frt_customer_calendar_seconds, null, true),
            ('frt_team', conversations.frt_team_calendar_seconds, conversations.frt_team_business_seconds, true)
        ) as clocks (metric, calendar_seconds, business_seconds, is_known)

)

select
    shown.conversation_id,
    shown.metric
from shown
left join listed
    on shown.conversation_id = listed.conversation_id and shown.metric = listed.metric
where
    case
        -- A clock is unknown exactly while the case is unsolved, or where nobody tells its statuses.
        when not shown.is_known and shown.metric <> 'handling'
            then shown.metric = 'solve' and not coalesce(listed.is_running, true)
        when shown.is_known
            then
                (
                    shown.metric <> 'handling'
                    and coalesce(shown.calendar_seconds, 0) <> coalesce(listed.calendar_seconds, 0)
                )
                or shown.business_seconds <> coalesce(listed.business_seconds, 0)
    end
