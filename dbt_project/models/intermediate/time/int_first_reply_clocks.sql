-- One row per touched conversation, with its first reply on all clocks: the customer's, the team's, working hours.
with

replies as (

    select * from {{ ref('int_first_replies') }}

),

calendars as (

    select * from {{ ref('int_conversation_calendars') }}

),

timed as (

    select
        coalesce(calendars.conversation_id, replies.conversation_id) as conversation_id,
        calendars.calendar_code,
        -- A case without a single utterance has neither a market nor a channel.
        case
            when calendars.conversation_id is null then 'unknown_market' else calendars.calendar_null_reason
        end as calendar_null_reason,
        replies.conversation_id is null as is_without_moments,
        floor({{ business_seconds_by_month(
            'question_months', 'replies.first_customer_message_available_at', 'reply_months', 'replies.first_reply_at'
        ) }})::bigint as frt_team_business_seconds
    from calendars
    full join replies
        on calendars.conversation_id = replies.conversation_id
    {{ business_months('question_months', 'calendars.calendar_code', 'replies.first_customer_message_available_at') }}
    {{ business_months('reply_months', 'calendars.calendar_code', 'replies.first_reply_at') }}

),

final as (

    select
        timed.conversation_id,
        timed.calendar_code,
        case
            when timed.is_without_moments then 'no_customer_message' else replies.first_reply_null_reason
        end as first_reply_null_reason,
        case
            when timed.frt_team_business_seconds is not null then null
            when replies.first_reply_at is null then 'no_reply'
            when replies.frt_team_calendar_seconds is null then 'replied_before_seen'
            when timed.calendar_code is null then timed.calendar_null_reason
            else 'outside_calendar'
        end as frt_team_business_null_reason,
        replies.first_reply_agent_key,
        replies.first_reply_visibility,
        replies.frt_customer_calendar_seconds,
        replies.frt_team_calendar_seconds,
        timed.frt_team_business_seconds,
        replies.first_customer_message_at,
        replies.first_reply_at
    from timed
    left join replies
        on timed.conversation_id = replies.conversation_id

)

select * from final
