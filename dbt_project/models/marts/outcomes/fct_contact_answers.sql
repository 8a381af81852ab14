-- One row per contact (with another close in time about the same issue) and subject: staff's last answer.
{{
    config(
        materialized='incremental',
        unique_key='contact_owner_key',
        meta={'changed_keys': 'int_contact_owners_touched'},
        indexes=[{'columns': ['contact_answer_key'], 'unique': True}, {'columns': ['contact_owner_key']}]
    )
}}

with

rules as (

    select * from {{ ref('answer_rules') }}

),

contacts as (

    select
        *,
        lag(contacted_at) over same_issue as earlier_contacted_at,
        lead(contacted_at) over same_issue as later_contacted_at
    from {{ ref('fct_contacts') }}
    {{ only_changed('int_contact_owners_touched', 'contact_owner_key') }}
    window same_issue as (partition by contact_owner_key, issue_code order by contacted_at, conversation_id)

),

-- Texts are searched only if two answers could be compared, and by every rule only if they contain a word of one.
messages as (

    select
        contacts.*,
        interactions.interaction_id,
        interactions.text_masked,
        interactions.agent_key,
        interactions.published_at
    from contacts
    inner join {{ ref('contact_rules') }} as limits
        on limits.rule_id = 'conflicting_answers'
    inner join {{ ref('fct_interactions') }} as interactions
        on contacts.conversation_id = interactions.conversation_id
    where
        contacts.customer_id is not null
        and contacts.issue_code <> 'unknown'
        and least(
            contacts.contacted_at - contacts.earlier_contacted_at, contacts.later_contacted_at - contacts.contacted_at
        ) <= limits.days * interval '1 day'
        and interactions.sender_kind = 'agent'
        and not interactions.is_internal
        and not interactions.is_said_to_peer
        and not interactions.is_deleted
        and interactions.text_masked ~* (select string_agg(distinct rules.keywords, '|') from rules)

),

-- A message that grants and refuses at once counts as neither.
answers as (

    select
        messages.interaction_id,
        rules.subject,
        min(rules.answer) as answer,
        min(rules.rule_id) as rule_id
    from messages
    inner join rules
        on messages.text_masked ~* rules.pattern
    group by messages.interaction_id, rules.subject
    having min(rules.answer) = max(rules.answer)

),

-- The last answer in a conversation counts.
final as (

    select distinct on (messages.conversation_id, answers.subject)
        messages.conversation_id || ':' || answers.subject as contact_answer_key,
        messages.conversation_id,
        messages.source_conversation_id,
        messages.contact_owner_key,
        (messages.published_at at time zone 'UTC')::date as date_key,
        messages.channel_code,
        messages.market_code,
        messages.brand_code,
        messages.customer_key,
        messages.customer_id,
        messages.agent_key,
        messages.product_code,
        messages.issue_code,
        answers.subject,
        answers.answer,
        answers.rule_id,
        messages.interaction_id,
        messages.contacted_at,
        messages.published_at as answered_at
    from messages
    inner join answers
        on messages.interaction_id = answers.interaction_id
    order by
        messages.conversation_id asc, answers.subject asc, messages.published_at desc,
        length(messages.interaction_id) desc, messages.interaction_id desc

)

select * from final
