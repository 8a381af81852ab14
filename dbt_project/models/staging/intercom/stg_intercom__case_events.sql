-- One row per creation, change of state and assignment of an Intercom conversation.
with

steps as (

    select * from {{ ref('stg_intercom__conversation_steps') }}

),

status_codes as (

    select * from {{ ref('status_codes') }}
    where source = 'intercom'

),

-- A part names the state in which it was made: what closes or opens says itself what it makes of it.
stated as (

    select
        steps.*,
        coalesce(status_codes.status, steps.state) as status
    from steps
    left join status_codes
        on
            case
                when steps.part_type in ('close', 'close_and_reopen_later') then 'closed'
                when steps.part_type in ('open', 'source', 'assign_and_reopen', 'note_and_reopen', 'timer_unsnooze')
                    then 'open'
                when steps.part_type = 'snoozed' then 'snoozed'
                else steps.state
            end = status_codes.source_status

),

followed as (

    select
        stated.*,
        lag(stated.status) over (
            partition by stated.conversation_native_id
            order by
                stated.created_at asc, stated.part_type = 'source' desc, length(stated._record_key) asc,
                stated._record_key asc
        ) as previous_status
    from stated

),

final as (

    select
        'intercom:' || followed._record_key || ':' || moments.moment as case_event_id,
        'intercom' as source,
        followed.conversation_native_id,
        moments.event_type,
        moments.field,
        moments.old_value,
        moments.new_value,
        followed.author_id as actor_native_id,
        followed.created_at as occurred_at
    from followed
    cross join
        lateral (
            values
            ('created', 'created', null, null, null),
            ('status', 'changed', 'status', followed.previous_status, followed.status),
            ('assignee', 'changed', 'assignee', null, followed.assignee_id),
            ('group', 'changed', 'group', null, followed.assignee_id)
        ) as moments (moment, event_type, field, old_value, new_value)
    where case moments.moment
        when 'created' then followed.part_type = 'source'
        when 'status' then followed.status is distinct from followed.previous_status
        when 'group' then followed.assignee_kind = 'team'
        -- A comment names whom it is for.
        else followed.assignee_kind in ('admin', 'bot', 'nobody_admin') and followed.part_type <> 'comment'
    end

)

select * from final
