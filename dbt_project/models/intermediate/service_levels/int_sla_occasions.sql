-- One row per touched conversation and moment at which service levels are applied: its opening, a new priority.
{{ config(materialized='table', indexes=[{'columns': ['conversation_id']}]) }}

with

conversations as (

    select
        turns.conversation_id,
        turns.source_conversation_id,
        turns.customer_id,
        cases.priority,
        coalesce(turns.channel_code, 'unknown') as channel_code,
        coalesce(channels.channel_family, 'unknown') as channel_family,
        coalesce(turns.market_code, 'unknown') as market_code,
        least(cases.created_at, turns.first_message_at) as opened_at
    from {{ ref('int_conversation_turns') }} as turns
    left join {{ ref('int_case_resolutions') }} as cases
        on turns.conversation_id = cases.source_conversation_id
    left join {{ ref('channels') }} as channels
        on turns.channel_code = channels.channel_code

),

changes as (

    select
        source_conversation_id,
        event_number,
        old_value,
        new_value,
        occurred_at,
        row_number() over cases as change_number
    from {{ ref('int_dated_case_events') }}
    where event_kind = 'priority'
    window cases as (partition by source_conversation_id order by event_number)

),

-- The first change shows what a case was opened with; without any change, its current values do.
openings as (

    select
        conversations.conversation_id,
        case
            when changes.source_conversation_id is not null then changes.old_value
            else conversations.priority
        end as priority,
        conversations.opened_at as applied_at,
        0 as event_number
    from conversations
    left join changes
        on conversations.conversation_id = changes.source_conversation_id and changes.change_number = 1

),

moments as (

    select * from openings
    union all
    select
        conversations.conversation_id,
        changes.new_value as priority,
        -- A value set at the moment of opening is what the case was opened with.
        greatest(changes.occurred_at, conversations.opened_at) as applied_at,
        changes.event_number
    from conversations
    inner join changes
        on conversations.conversation_id = changes.source_conversation_id

),

latest as (

    select distinct on (conversation_id, applied_at) -- of one moment the last change holds
        conversation_id,
        applied_at,
        priority
    from moments
    order by conversation_id asc, applied_at asc, event_number desc

),

final as (

    select
        conversations.conversation_id,
        conversations.source_conversation_id,
        conversations.channel_code,
        conversations.channel_family,
        conversations.market_code,
        coalesce(latest.priority, 'none') as priority,
        coalesce(customers.tier, 'unknown') as customer_tier,
        latest.applied_at
    from latest
    inner join conversations
        on latest.conversation_id = conversations.conversation_id
    left join {{ ref('int_customer_versions') }} as customers
        on
            conversations.customer_id = customers.customer_id
            and {{ during_version('latest.applied_at', 'customers') }}

)

select * from final
