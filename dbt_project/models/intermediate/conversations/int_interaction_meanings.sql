-- One row per utterance of a touched conversation: its meaning, as decided by a person, else the source, else rules.
{{
    config(
        materialized='table',
        indexes=[{'columns': ['interaction_id'], 'unique': True}, {'columns': ['conversation_id']}]
    )
}}

with

evidence as (

    select * from {{ ref('int_interaction_evidence') }}

),

-- The first of these that knows decides; from a case's words, only courtesy and spam count.
deciding as (

    select
        evidence.*,
        case
            when evidence.labelled_serviceable is not null then 'label'
            when evidence.context_reason is not null then 'context'
            when
                evidence.is_service_channel
                and (coalesce(evidence.said_type_code not in ('courtesy', 'spam'), true) or evidence.said_serviceable)
                then 'channel'
            -- Words that say nothing by themselves continue the previous request.
            when evidence.is_follow_up and evidence.said_reason = 'other' then 'thread'
            else 'words'
        end as decider
    from evidence

),

final as (

    select
        interaction_id,
        source_conversation_id,
        conversation_id,
        text_key,
        case decider
            when 'label' then labelled_serviceable when 'context' then false when 'channel' then true
            when 'thread' then true else said_serviceable
        end as is_serviceable,
        case decider
            when 'label' then 'human_label' when 'context' then context_reason when 'channel' then 'service_channel'
            when 'thread' then 'follow_up' else said_reason
        end as serviceable_reason,
        case
            when decider = 'label' then 'human' when decider = 'channel' then 'source'
            when decider in ('context', 'thread') then 'rule' else said_by
        end as decided_by,
        case decider
            when 'label' then serviceable_label_id when 'context' then 'context:' || context_reason
            when 'channel' then 'service_channel' when 'thread' then 'context:follow_up' else said_decision_id
        end as decision_id,
        -- The confidence of the words is only known if the words decided.
        case decider when 'words' then said_weight end as decision_weight,
        case when is_inbound then coalesce(contact_type_code, 'unknown') else 'not_applicable' end as contact_type_code,
        case when is_inbound then coalesce(issue_code, 'unknown') else 'unknown' end as issue_code,
        case when is_inbound then coalesce(product_code, 'unknown') else 'unknown' end as product_code,
        case when is_inbound then contact_type_decided_by end as contact_type_decided_by,
        case when is_inbound then contact_type_decision_id end as contact_type_decision_id,
        case when is_inbound then issue_decided_by end as issue_decided_by,
        case when is_inbound then issue_decision_id end as issue_decision_id,
        case when is_inbound then coalesce(labelled_direct, is_direct) end as is_direct,
        -- People who ask or complain join in, but people who help also mention the topic; people who thank or advertise
        -- help nobody. Without words, as in deleted posts, nobody can tell.
        coalesce(
            labelled_peer_answer,
            is_reply_to_asker
            and text_key is not null
            and (not coalesce(said_serviceable, false) or (said_reason = 'names_issue' and said_by = 'rule'))
            and coalesce(said_type_code not in ('courtesy', 'marketing', 'spam'), true)
        ) as is_peer_answer,
        {{ risk_flags() | join(',\n        ') }}
    from deciding

)

select * from final
