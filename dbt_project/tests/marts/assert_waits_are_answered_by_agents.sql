-- Waits that start with anything but a customer's message or end with anything but an agent's, or before they start.
select gaps.response_gap_id
from {{ ref('fct_response_gaps') }} as gaps
inner join {{ ref('fct_interactions') }} as questions
    on gaps.first_interaction_id = questions.interaction_id
left join {{ ref('fct_interactions') }} as replies
    on gaps.reply_interaction_id = replies.interaction_id
where
    questions.sender_kind <> 'customer'
    or questions.is_internal
    or replies.sender_kind <> 'agent'
    or replies.is_internal
    or gaps.ended_at < gaps.started_at
    or (gaps.outcome = 'answered') <> (gaps.customer_calendar_seconds is not null)
