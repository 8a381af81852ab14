-- One row per conversation that waits for the company at the time of the run: for what, since when, what is due next.
with

-- Few conversations wait, so they are found by key: those with an unanswered message, and open cases.
candidates as (

    select conversation_id
    from {{ ref('fct_response_gaps') }}
    where outcome = 'waiting'
    union
    select conversation_id
    from {{ ref('fct_conversations') }}
    where is_open and status in ('new', 'open')

),

waiting as (

    select
        conversations.*,
        gaps.response_gap_id,
        gaps.started_at as unanswered_since,
        gaps.customer_message_count as gap_message_count
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

-- Represented by the customer's newest message, or by staff's if no customer wrote. Messages that customers deleted
-- need no answer. By key: the planner expects most conversations to wait, and would read everything ever said.
shown as (

    select
        waiting.*,
        messages.interaction_id as last_interaction_id,
        messages.visibility,
        messages.language,
        messages.text_masked,
        coalesce(messages.published_at >= waiting.unanswered_since, false) as is_unanswered
    from waiting
    cross join
        lateral (
            select interactions.*
            from {{ ref('fct_interactions') }} as interactions
            where interactions.conversation_id = waiting.conversation_id
            order by
                (
                    interactions.direction = 'inbound'
                    and interactions.sender_kind in ('customer', 'unknown')
                    and not interactions.is_internal
                ) desc,
                interactions.is_deleted asc,
                interactions.published_at desc,
                length(interactions.interaction_id) desc,
                interactions.interaction_id desc
            limit 1
        ) as messages
    where not messages.is_deleted

),

-- An unanswered message waits for a reply; an open case with none, for its resolution.
final as (

    select
        shown.conversation_id,
        {{ running_as_of() }} as as_of,
        case when shown.is_unanswered then 'reply' else 'resolution' end as waits_for,
        {% for column in [
            'source', 'channel_code', 'market_code', 'brand_code', 'author_key', 'customer_key', 'customer_id',
            'contact_type_code', 'issue_code', 'product_code', 'status', 'last_interaction_id', 'visibility', 'language',
            'last_customer_sentiment', 'is_serviceable'
        ] -%}
            shown.{{ column }},
        {% endfor -%}
        case when shown.is_unanswered then shown.response_gap_id end as response_gap_id,
        deadlines.sla_event_id,
        deadlines.sla_policy_key,
        left(shown.text_masked, 160) as text_excerpt,
        case when shown.is_unanswered then shown.gap_message_count end as unanswered_message_count,
        case when shown.is_unanswered then shown.unanswered_since else shown.opened_at end as waiting_since,
        deadlines.due_at
    from shown
    -- Of the running clocks, the one that is due first.
    left join lateral (
        select
            events.sla_event_id,
            events.sla_policy_key,
            events.due_at
        from {{ ref('fct_sla_events') }} as events
        where
            events.source_conversation_id = shown.source_conversation_id
            and events.conversation_id = shown.conversation_id
            and events.ended_at is null
            and not events.is_paused
            and events.due_at is not null
        order by events.due_at asc, events.sla_event_id asc
        limit 1
    ) as deadlines on true
    where shown.is_unanswered or (shown.is_open and shown.status in ('new', 'open'))

)

select * from final
