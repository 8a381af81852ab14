-- One row per answer that contradicts an earlier answer to the same customer about the same issue and subject.
with

answers as (

    select
        answers.*,
        agents.team,
        row_number() over (
            partition by answers.contact_owner_key, answers.issue_code, answers.subject
            order by answers.answered_at, answers.conversation_id
        ) as answer_number
    from {{ ref('fct_contact_answers') }} as answers
    left join {{ ref('dim_agent') }} as agents
        on answers.agent_key = agents.agent_key

),

rules as (

    select days * interval '1 day' as conflict_time
    from {{ ref('contact_rules') }}
    where rule_id = 'conflicting_answers'

),

final as (

    select
        later.contact_answer_key as conflicting_answer_key,
        later.date_key,
        later.market_code,
        later.customer_key,
        later.customer_id,
        later.product_code,
        later.issue_code,
        later.subject,
        earlier.answer as earlier_answer,
        later.answer as later_answer,
        earlier.conversation_id as earlier_conversation_id,
        later.conversation_id as later_conversation_id,
        earlier.interaction_id as earlier_interaction_id,
        later.interaction_id as later_interaction_id,
        earlier.rule_id as earlier_rule_id,
        later.rule_id as later_rule_id,
        earlier.channel_code as earlier_channel_code,
        later.channel_code as later_channel_code,
        earlier.market_code as earlier_market_code,
        later.market_code as later_market_code,
        earlier.team as earlier_team,
        later.team as later_team,
        earlier.agent_key as earlier_agent_key,
        later.agent_key as later_agent_key,
        {{ seconds_between('earlier.answered_at', 'later.answered_at') }} as apart_seconds,
        earlier.channel_code <> later.channel_code as is_other_channel,
        earlier.market_code <> later.market_code as is_other_market,
        earlier.team <> later.team as is_other_team,
        earlier.answered_at as earlier_answered_at,
        later.answered_at as later_answered_at
    from answers as later
    inner join answers as earlier
        on
            later.contact_owner_key = earlier.contact_owner_key
            and later.issue_code = earlier.issue_code
            and later.subject = earlier.subject
            and later.answer_number = earlier.answer_number + 1
    cross join rules
    where
        later.answer <> earlier.answer
        and later.contacted_at <= earlier.contacted_at + rules.conflict_time
        and earlier.contacted_at <= later.contacted_at + rules.conflict_time
        and (
            later.channel_code <> earlier.channel_code
            or later.market_code <> earlier.market_code
            or later.team <> earlier.team
        )

)

select * from final
