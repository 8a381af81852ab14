-- One row per conversation that waits for the company, as of the run: for what, since when, and what is next due.
with

-- An unanswered message waits for a reply; an open case with none, for its resolution.
waiting as (

    select
        conversations.*,
        gaps.response_gap_id,
        case when gaps.response_gap_id is null then 'resolution' else 'reply' end as waits_for,
        coalesce(gaps.started_at, conversations.opened_at) as waiting_since,
        gaps.customer_message_count as unanswered_message_count
    from {{ ref('fct_conversations') }} as conversations
    left join {{ ref('fct_response_gaps') }} as gaps
        on conversations.conversation_id = gaps.conversation_id and gaps.outcome = 'waiting'
    where
        conversations.is_serviceable is not false
        and not conversations.is_merged
        and not conversations.is_deleted
        and (gaps.response_gap_id is not null or (conversations.is_open and conversations.status in ('new', 'open')))

),

-- What customers deleted wants no answer.
messages as (

    select distinct on (interactions.conversation_id)
        interactions.conversation_id,
        interactions.interaction_id,
        interactions.visibility,
        interactions.language,
        interactions.text_masked
    from waiting
    inner join {{ ref('fct_interactions') }} as interactions
        on waiting.conversation_id = interactions.conversation_id
    where
        interactions.direction = 'inbound'
        and interactions.sender_kind in ('customer', 'unknown')
        and not interactions.is_internal
        and not interactions.is_deleted
    order by
        interactions.conversation_id asc, interactions.published_at desc, length(interactions.interaction_id) desc,
        interactions.interaction_id desc

),

-- Of the clocks that run, the one that falls due first.
deadlines as (

    select distinct on (events.conversation_id)
        events.conversation_id,
        events.sla_event_id,
        events.sla_policy_key,
        events.due_at
    from waiting
    inner join {{ ref('fct_sla_events') }} as events
        on waiting.conversation_id = events.conversation_id
    where events.ended_at is null and not events.is_paused and events.due_at is not null
    order by events.conversation_id asc, events.due_at asc, events.sla_event_id asc

),

final as (

    select
        waiting.conversation_id,
        {{ running_as_of() }} as as_of,
        waiting.waits_for,
        {% for column in [
            'source', 'channel_code', 'market_code', 'brand_code', 'author_key', 'customer_key', 'customer_id',
            'contact_type_code', 'issue_code', 'product_code', 'status', 'response_gap_id'
        ] -%}
            waiting.{{ column }},
        {% endfor -%}
        messages.interaction_id as last_interaction_id,
        deadlines.sla_event_id,
        deadlines.sla_policy_key,
        messages.visibility,
        messages.language,
        left(messages.text_masked, 160) as text_excerpt,
        waiting.unanswered_message_count,
        waiting.last_customer_sentiment,
        waiting.is_serviceable,
        waiting.waiting_since,
        deadlines.due_at
    from waiting
    inner join messages
        on waiting.conversation_id = messages.conversation_id
    left join deadlines
        on waiting.conversation_id = deadlines.conversation_id

)

select * from final
