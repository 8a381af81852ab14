-- One row per conversation that waits for the company, as of the run: for what, since when, and what is next due.
with

-- Few of all conversations, so they are found by key: those with an unanswered message, and open cases.
candidates as (

    select conversation_id
    from {{ ref('fct_response_gaps') }}
    where outcome = 'waiting'
    union
    select conversation_id
    from {{ ref('fct_conversations') }}
    where is_open and status in ('new', 'open')

),

-- An unanswered message waits for a reply; an open case with none, for its resolution.
waiting as (

    select
        conversations.*,
        gaps.response_gap_id,
        case when gaps.response_gap_id is null then 'resolution' else 'reply' end as waits_for,
        coalesce(gaps.started_at, conversations.opened_at) as waiting_since,
        gaps.customer_message_count as unanswered_message_count
    from candidates
    inner join {{ ref('fct_conversations') }} as conversations
        on candidates.conversation_id = conversations.conversation_id
    left join {{ ref('fct_response_gaps') }} as gaps
        on conversations.conversation_id = gaps.conversation_id and gaps.outcome = 'waiting'
    where
        conversations.is_serviceable is not false
        and not conversations.is_merged
        and not conversations.is_deleted

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
    -- By key: the planner takes those who wait for most of all conversations, and would read everything ever said.
    -- What customers deleted wants no answer.
    cross join
        lateral (
            select
                interactions.interaction_id,
                interactions.visibility,
                interactions.language,
                interactions.text_masked
            from {{ ref('fct_interactions') }} as interactions
            where
                interactions.conversation_id = waiting.conversation_id
                and interactions.direction = 'inbound'
                and interactions.sender_kind in ('customer', 'unknown')
                and not interactions.is_internal
                and not interactions.is_deleted
            order by
                interactions.published_at desc,
                length(interactions.interaction_id) desc,
                interactions.interaction_id desc
            limit 1
        ) as messages
    -- Of the clocks that run, the one that falls due first.
    left join lateral (
        select
            events.sla_event_id,
            events.sla_policy_key,
            events.due_at
        from {{ ref('fct_sla_events') }} as events
        where
            events.source_conversation_id = waiting.source_conversation_id
            and events.conversation_id = waiting.conversation_id
            and events.ended_at is null
            and not events.is_paused
            and events.due_at is not null
        order by events.due_at asc, events.sla_event_id asc
        limit 1
    ) as deadlines on true

)

select * from final
