-- Conversations whose first reply is before the first message or untimed, or that have neither a reply nor a reason.
select conversation_id
from {{ ref('fct_conversations') }}
where
    -- A call may be answered in the second in which it starts.
    first_reply_at < first_customer_message_at
    or (first_reply_at is null) <> (frt_customer_calendar_seconds is null)
    or (first_reply_at is null) <> (first_reply_null_reason is not null)
