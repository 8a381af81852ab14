-- One row per conversation in which a customer asked for something, with the next one about the same issue.
{{
    config(
        materialized='incremental', unique_key='contact_owner_key',
        meta={'changed_keys': 'int_contact_owners_touched'},
        indexes=[
            {'columns': ['conversation_id'], 'unique': True},
            {'columns': ['contact_owner_key']}, {'columns': ['peer_outcome']}
        ]
    )
}}

with

contacts as (

    select
        *,
        customer_id is not null and issue_code <> 'unknown' as is_comparable
    from {{ ref('int_contacts') }}
    {{ only_changed('int_contact_owners_touched', 'contact_owner_key') }}

),

rules as (

    select * from {{ ref('contact_rules') }}
    where rule_id = 'repeat_contact'

),

linked as (

    select
        contacts.*,
        rules.days * interval '1 day' as repeat_time,
        -- A contact at the last instant is in time, and one at `as_of` itself is not read yet.
        contacts.contacted_at + rules.days * interval '1 day' < {{ running_as_of() }} as is_over,
        lag(contacts.conversation_id) over same_issue as earlier_conversation_id,
        lag(contacts.channel_code) over same_issue as earlier_channel_code,
        lag(contacts.contacted_at) over same_issue as earlier_contacted_at,
        lead(contacts.conversation_id) over same_issue as later_conversation_id,
        lead(contacts.channel_code) over same_issue as later_channel_code,
        lead(contacts.contacted_at) over same_issue as later_contacted_at,
        lead(contacts.contacted_at) over any_issue as next_contacted_at
    from contacts
    cross join rules
    window
        same_issue as (
            partition by contacts.contact_owner_key, contacts.issue_code
            order by contacts.contacted_at, contacts.conversation_id
        ),
        any_issue as (
            partition by contacts.contact_owner_key order by contacts.contacted_at, contacts.conversation_id
        )

),

judged as (

    select
        *,
        case when is_comparable then coalesce(contacted_at - earlier_contacted_at <= repeat_time, false) end
            as is_repeat,
        case
            when not is_comparable then null
            when later_contacted_at - contacted_at <= repeat_time then true
            when is_over then false
        end as is_repeated,
        case
            when peer_answer_interaction_id is null then null
            when is_answered_by_staff then 'answered_by_staff'
            when is_fixed_by_staff then 'fixed_by_staff'
            when not is_thanked then 'not_accepted'
            when customer_id is null then 'unknown_customer'
            when next_contacted_at - contacted_at <= repeat_time then 'contacted_again'
            when is_over then 'deflected'
            else 'not_over'
        end as peer_outcome
    from linked

),

final as (

    select
        conversation_id,
        source_conversation_id,
        contact_owner_key,
        date_key,
        local_date_key,
        channel_code,
        market_code,
        brand_code,
        customer_key,
        customer_id,
        product_code,
        issue_code,
        business_unit,
        case when is_repeat then earlier_conversation_id end as repeat_of_conversation_id,
        case when is_repeat then earlier_channel_code end as earlier_channel_code,
        case when is_repeated then later_conversation_id end as repeated_in_conversation_id,
        case when is_repeated then later_channel_code end as later_channel_code,
        peer_answer_interaction_id,
        peer_outcome,
        {{ newest_valid(ref('channel_costs'), 'cost_usd', 'judged.local_date_key',
            'held.channel_code = judged.channel_code') }} as cost_usd,
        first_customer_sentiment,
        question_views,
        case when is_repeated then {{ seconds_between('contacted_at', 'later_contacted_at') }} end as repeated_seconds,
        is_repeat,
        is_repeated,
        is_over as is_repeat_time_over,
        case when is_repeated is not null then is_repeated and later_channel_code <> channel_code end
            as is_cross_channel_move,
        case
            when not is_comparable or is_repeat or is_handled is null then null
            when is_repeated or first_reopened_at - contacted_at <= repeat_time then false
            when is_over then is_handled
        end as is_first_contact_resolved,
        -- For an unknown customer, or before the time is over, only failures are known: their share would be too low.
        case when peer_outcome is not null and customer_id is not null and is_over then peer_outcome = 'deflected' end
            as is_peer_deflected,
        is_business_unit_by_issue,
        contacted_at
    from judged

)

select * from final
