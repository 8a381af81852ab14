-- One row per clock, month, market and channel family: the Kaplan-Meier median, in which open conversations count.
{{ config(materialized='view') }}

with

conversations as (

    select
        conversations.*,
        channels.channel_family,
        date_trunc('month', conversations.local_date_key)::date as month_start_date,
        (select max(publications.as_of) from {{ source('bi', 'publications') }} as publications) as as_of
    from {{ ref('fct_conversations') }} as conversations
    inner join {{ ref('dim_channel') }} as channels
        on conversations.channel_code = channels.channel_code

),

-- A customer who was turned away by a closure, or gave up, has waited until then.
departures as (

    select
        conversation_id,
        max(ended_at) as left_at
    from {{ ref('fct_response_gaps') }}
    where outcome in ('abandoned', 'closed_unanswered')
    group by conversation_id

),

-- If a customer left or still waits, only the wait so far is known; a customer who needs no answer waits for none.
durations as (

    select
        'first_reply' as clock,
        conversations.month_start_date,
        conversations.market_code,
        conversations.channel_family,
        coalesce(conversations.frt_customer_calendar_seconds, {{ seconds_between(
            'conversations.first_customer_message_at',
            "case conversations.first_reply_null_reason when 'waiting' then conversations.as_of"
            ~ " when 'merged' then conversations.closed_at else departures.left_at end"
        ) }}) as seconds,
        conversations.first_reply_at is not null as is_event
    from conversations
    left join departures
        on conversations.conversation_id = departures.conversation_id
    where
        conversations.is_serviceable is not false
        and coalesce(conversations.first_reply_null_reason, 'answered')
        in ('answered', 'waiting', 'abandoned', 'closed_unanswered', 'merged')

    union all

    select
        'resolution' as clock,
        conversations.month_start_date,
        conversations.market_code,
        conversations.channel_family,
        case
            when conversations.first_resolved_at is not null then conversations.first_resolution_seconds
            else {{ seconds_between(
                'conversations.opened_at', 'coalesce(conversations.closed_at, conversations.as_of)'
            ) }}
        end as seconds,
        conversations.first_resolved_at is not null as is_event
    from conversations
    where
        not conversations.is_deleted
        and (
            coalesce(conversations.first_resolved_at, conversations.closed_at) is not null
            -- If no change of status is dated, as for complaints, resolved cases are missing from the comparison.
            or (conversations.is_open and conversations.reopened_count is not null)
        )

),

moments as (

    select
        clock,
        month_start_date,
        market_code,
        channel_family,
        seconds,
        count(*) filter (where is_event) as event_count,
        count(*) filter (where not is_event) as censored_count,
        -- Everybody whose clock had not stopped before.
        sum(count(*)) over (partition by clock, month_start_date, market_code, channel_family order by seconds desc)
            as at_risk_count
    from durations
    where seconds is not null
    group by clock, month_start_date, market_code, channel_family, seconds

),

survival as (

    select
        *,
        -- The running product of the shares that go on.
        exp(sum(
            case
                when event_count = at_risk_count then '-infinity'::double precision
                else ln(1 - event_count::double precision / at_risk_count::double precision)
            end
        ) over (partition by clock, month_start_date, market_code, channel_family order by seconds asc)) as share_left
    from moments

),

final as (

    select
        clock,
        month_start_date,
        market_code,
        channel_family,
        sum(event_count)::bigint as event_count,
        sum(censored_count)::bigint as censored_count,
        -- NULL while more than half have not reached it.
        min(seconds) filter (where share_left <= 0.5 + 1e-9) as median_seconds
    from survival
    group by clock, month_start_date, market_code, channel_family

)

select * from final
