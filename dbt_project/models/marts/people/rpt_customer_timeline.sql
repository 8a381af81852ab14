-- One row per utterance by or to a known customer, and per milestone of their cases; to be queried by customer.
{{ config(materialized='view') }}

with

-- If written out, these would be all utterances and cases before the first of the customer's is found by key.
interactions as not materialized (

    select * from {{ ref('fct_interactions') }}

),

conversations as not materialized (

    select * from {{ ref('fct_conversations') }}
    where customer_id is not null

),

episodes as (

    select * from {{ ref('fct_episodes') }}

),

identities as (

    select * from {{ ref('bridge_customer_identities') }}

),

spoken as (

    select
        interactions.*,
        interactions.customer_id as whose
    from interactions
    where interactions.customer_id is not null
    union all
    select
        interactions.*,
        conversations.customer_id as whose
    from conversations
    inner join interactions
        on conversations.conversation_id = interactions.conversation_id
    where interactions.customer_id is null and interactions.direction = 'outbound' and not interactions.is_said_to_peer

),

final as (

    select
        spoken.interaction_id as timeline_key,
        spoken.whose as customer_id,
        spoken.conversation_id,
        spoken.interaction_id,
        'utterance' as event_kind,
        spoken.channel_code,
        spoken.market_code,
        spoken.brand_code,
        spoken.agent_key,
        spoken.author_key,
        spoken.direction,
        spoken.sender_kind,
        spoken.visibility,
        spoken.issue_code,
        spoken.product_code,
        left(spoken.text_masked, 280) as text_excerpt,
        spoken.sentiment_label,
        identities.method as identity_method,
        identities.evidence as identity_evidence,
        identities.confidence as identity_confidence,
        spoken.care_compound,
        spoken.is_internal,
        spoken.published_at as occurred_at
    from spoken
    left join identities
        on spoken.whose = identities.customer_id and spoken.author_key = identities.author_key

    union all

    select
        conversations.conversation_id || ':' || milestones.event_kind || ':' || coalesce(episodes.episode_number, 1)
            as timeline_key,
        conversations.customer_id,
        conversations.conversation_id,
        null as interaction_id,
        milestones.event_kind,
        conversations.channel_code,
        conversations.market_code,
        conversations.brand_code,
        null as agent_key,
        conversations.author_key,
        null as direction,
        null as sender_kind,
        null as visibility,
        conversations.issue_code,
        conversations.product_code,
        null as text_excerpt,
        null as sentiment_label,
        null as identity_method,
        null as identity_evidence,
        null::numeric as identity_confidence,
        null::double precision as care_compound,
        null::boolean as is_internal,
        milestones.occurred_at
    from conversations
    left join episodes
        on conversations.conversation_id = episodes.conversation_id
    cross join
        lateral (
            values
            (case when episodes.episode_number = 1 then 'opened' else 'reopened' end, episodes.started_at, false),
            ('resolved', episodes.resolved_at, false),
            -- A milestone that a conversation has only once is shown beside its first episode.
            ('moved_to_private', conversations.moved_to_private_at, true),
            -- A call that ended unsolved also has an end, and is closed by nobody.
            (
                'closed',
                case when conversations.status = 'closed' or conversations.is_merged then conversations.closed_at end,
                true
            )
        ) as milestones (event_kind, occurred_at, is_of_conversation)
    where
        milestones.occurred_at is not null
        and (coalesce(episodes.episode_number, 1) = 1 or not milestones.is_of_conversation)

)

select * from final
