-- One row per step of a phone call: it starts, an agent takes it, it ends solved or not.
with

calls as (

    select * from {{ ref('stg_phone__calls') }}

),

final as (

    select
        'phone:' || calls._record_key || ':' || steps.step as case_event_id,
        'phone' as source,
        calls.conversation_native_id,
        steps.event_type,
        steps.field,
        null::text as old_value,
        steps.new_value,
        steps.actor_native_id,
        steps.occurred_at
    from calls
    cross join
        lateral (
            values
            ('created', 'created', null, null, null, calls.started_at),
            ('opened', 'changed', 'status', 'new', null, calls.started_at),
            (
                'assigned', 'changed', 'assignee', calls.agent_native_id, null,
                coalesce(calls.answered_at, calls.started_at)
            ),
            ('answered', 'answered', null, null, calls.agent_native_id, calls.answered_at),
            ('ended', 'ended', null, calls.disposition, null, calls.ended_at),
            (
                'status', 'changed', 'status', case when calls.is_resolved then 'solved' else 'open' end,
                -- Settled by its end; nobody knows when that was if the exchange does not say.
                calls.agent_native_id, calls.ended_at
            )
        ) as steps (step, event_type, field, new_value, actor_native_id, occurred_at)
    where case steps.step
        when 'assigned' then calls.agent_native_id is not null
        -- Without its time, too, it was answered.
        when 'answered' then calls.answered_at is not null or calls.disposition = 'answered'
        when 'ended' then calls.ended_at is not null
        when 'status' then calls.is_resolved is not null
        else true
    end

)

select * from final
