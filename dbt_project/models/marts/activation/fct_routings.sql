-- One row per conversation and kind of contact in it that a rule routes: its target team, and what is known of it.
{{
    config(
        materialized='incremental',
        unique_key='source_conversation_id',
        meta={'changed_keys': 'int_conversations_touched'},
        indexes=[{'columns': ['routing_id'], 'unique': True}, {'columns': ['source_conversation_id']}]
    )
}}

with

interactions as not materialized (

    select * from {{ ref('fct_interactions') }}
    {{ only_changed('int_conversations_touched', 'source_conversation_id') }}

),

-- Words that threaten legal action, assert a right or show personal data in public are a risk, whatever else they are.
types as (

    select
        interaction_id,
        contact_type_code
    from {{ ref('bridge_interaction_contact_types') }}
    {{ only_changed('int_conversations_touched', 'source_conversation_id') }}
    union
    select
        interaction_id,
        'leak_or_compliance_risk' as contact_type_code
    from interactions
    where is_legal_threat or is_copyright_claim or (visibility = 'public' and (has_card_number or has_personal_data))

),

-- The first message of a kind that was not deleted represents all messages of that kind in the conversation.
routed as (

    select distinct on (interactions.conversation_id, types.contact_type_code)
        interactions.*,
        types.contact_type_code as routed_type_code,
        routes.routing_rule_id,
        routes.team_code,
        routes.action,
        routes.deadline_seconds
    from interactions
    inner join types
        on interactions.interaction_id = types.interaction_id and not interactions.is_deleted
    inner join {{ ref('int_routing_matches') }} as routes
        on
            types.contact_type_code = routes.contact_type_code
            and interactions.issue_code = routes.issue_code
            and interactions.market_code = routes.market_code
            and {{ routing_language('interactions.language') }} = routes.language
            and routes.names_contact_type
    where interactions.direction = 'inbound' and interactions.sender_kind in ('customer', 'unknown')
    order by
        interactions.conversation_id asc, types.contact_type_code asc, interactions.available_at asc,
        length(interactions.interaction_id) asc, interactions.interaction_id asc

),

final as (

    select
        routed.conversation_id || ':' || routed.routed_type_code as routing_id,
        {% for column in [
            'source_conversation_id', 'conversation_id', 'interaction_id', 'source', 'date_key', 'local_date_key',
            'channel_code', 'market_code', 'brand_code', 'author_key', 'customer_key', 'issue_code', 'product_code',
            'language', 'routing_rule_id', 'team_code', 'action', 'deadline_seconds'
        ] -%}
            routed.{{ column }},
        {% endfor -%}
        routed.routed_type_code as contact_type_code,
        rules.reply_evidence <> 'none' and coalesce(conversations.first_reply_null_reason, '') <> 'not_recorded'
            as is_reply_recorded,
        routed.available_at as requested_at,
        routed.available_at + routed.deadline_seconds * interval '1 second' as due_at,
        holdings.assigned_at,
        coalesce(
            replies.replied_at,
            -- A call is one utterance, answered by an event, maybe in the second in which it starts.
            case rules.reply_evidence when 'answered_event' then conversations.first_reply_at end
        ) as replied_at
    from routed
    inner join {{ ref('fct_conversations') }} as conversations
        on routed.conversation_id = conversations.conversation_id
    left join {{ ref('conversation_rules') }} as rules
        on routed.source = rules.source
    -- By key and row: the planner expects a handful of rows from `routed`, and would compare all with all.
    -- Since when a group of the team has held the case, but not before the request.
    left join lateral (
        select min(greatest(assignments.started_at, routed.available_at)) as assigned_at
        from {{ ref('fct_agent_assignments') }} as assignments
        inner join {{ ref('dim_team') }} as teams
            on assignments.team_id = teams.team_id
        inner join {{ ref('routing_team_groups') }} as team_groups
            on teams.team = team_groups.helpdesk_group
        where
            assignments.source_conversation_id = routed.source_conversation_id
            and coalesce(routed.available_at < assignments.ended_at, true)
            and team_groups.team_code = routed.team_code
    ) as holdings on true
    left join lateral (
        select min(answers.published_at) as replied_at
        from {{ ref('fct_interactions') }} as answers
        where
            answers.conversation_id = routed.conversation_id
            -- Within one instant, a reply only answers earlier messages, as for waits.
            and routed.published_at < answers.published_at
            and answers.sender_kind = 'agent'
            and not answers.is_internal
            and not answers.is_said_to_peer
    ) as replies on true
    -- A merged case is answered in its target; a leak in it must still be handed over.
    where
        not conversations.is_deleted
        and (
            not conversations.is_merged
            or routed.team_code in (
                select held.team_code from {{ ref('dim_routing_team') }} as held
                where held.closes_by = 'hand_over'
            )
        )

)

select * from final
