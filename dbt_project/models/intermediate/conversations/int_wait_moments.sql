-- One row per moment that may start a wait, or ends one, in a touched conversation: a message, reply or closure.

with

case_events as (

    select
        *,
        event_type in ('answered', 'ended', 'merged', 'deleted')
        or (event_type = 'changed' and field = 'status' and new_value in ('solved', 'closed')) as is_moment
    from {{ ref('int_case_events') }}

),

-- Bots, the system, peers and internal notes neither ask nor answer. A reply to a peer answers nobody who waits.
messages as (

    select
        source_conversation_id,
        conversation_id,
        interaction_id as moment_id,
        interaction_id,
        case when thread_sender_kind = 'agent' then agent_native_id end as agent_native_id,
        case when thread_sender_kind = 'agent' then 'reply' else 'question' end as moment_kind,
        -- Within one instant, a reply only answers earlier messages, and a message sent while closing is closed.
        case when thread_sender_kind = 'agent' then 2 else 3 end as instant_rank,
        visibility,
        published_at as occurred_at,
        available_at,
        deleted_at
    from {{ ref('int_interactions_threaded') }}
    where
        not is_internal
        and (
            (thread_sender_kind = 'agent' and direction = 'outbound' and is_said_to_peer is not true)
            or (thread_sender_kind = 'customer' and direction = 'inbound')
        )

),

-- An answer without a time came some time after the case began; placed at its beginning, it still ends the wait.
placed_events as (

    select
        case_events.*,
        touched.source_conversation_id,
        coalesce(
            case_events.occurred_at,
            case
                when case_events.event_type = 'answered'
                    then min(case_events.occurred_at) filter (where case_events.event_type = 'created') over cases
            end
        ) as placed_at,
        max(case_events.occurred_at) filter (where case_events.event_type = 'restored') over cases as restored_at
    from case_events
    inner join {{ ref('int_conversations_touched') }} as touched
        on
            case_events.source = touched.source
            and case_events.conversation_native_id = touched.conversation_native_id
    left join {{ ref('automated_agents') }} as robots
        on case_events.source = robots.source and case_events.actor_native_id = robots.agent_native_id
    where
        (case_events.is_moment or case_events.event_type in ('created', 'restored'))
        -- An automated agent that takes a call answers nobody.
        and (case_events.event_type <> 'answered' or robots.agent_native_id is null)
    window cases as (partition by case_events.source, case_events.conversation_native_id)

),

case_moments as (

    select
        case_events.source_conversation_id,
        case_events.source_conversation_id as conversation_id,
        case_events.case_event_id as moment_id,
        null::text as interaction_id,
        case when case_events.event_type = 'answered' then case_events.actor_native_id end as agent_native_id,
        case
            when case_events.event_type = 'answered' and case_events.occurred_at is null then 'untimed_reply'
            when case_events.event_type = 'answered' then 'reply'
            when case_events.event_type = 'ended' and case_events.new_value = 'abandoned' then 'abandonment'
            when case_events.event_type = 'merged' then 'merge'
            else 'closure'
        end as moment_kind,
        -- A merge comes before the comment that announces it; a call may be answered in the second in which it starts.
        case
            when case_events.event_type = 'merged' then 1
            when case_events.event_type = 'answered' then 4
            when case_events.event_type = 'ended' then 5
            else 6
        end as instant_rank,
        case when case_events.event_type = 'answered' then 'private' end as visibility,
        case_events.placed_at as occurred_at,
        null::timestamptz as available_at,
        null::timestamptz as deleted_at
    from placed_events as case_events
    where
        case_events.is_moment
        and case_events.placed_at is not null
        -- A message that was deleted by mistake waited all along. Within one instant, the record's own event comes
        -- last.
        and (
            case_events.event_type <> 'deleted'
            or ((case_events.placed_at, case_events.field is null) <= (case_events.restored_at, false)) is not true
        )

),

moments as (

    select * from messages
    union all
    select * from case_moments

),

final as (

    select
        moments.*,
        count(*) filter (where moments.moment_kind <> 'question') over (
            partition by moments.conversation_id
            order by moments.occurred_at, moments.instant_rank, length(moments.moment_id), moments.moment_id
            rows between unbounded preceding and 1 preceding
        ) as wait_number
    from moments

)

select * from final
