-- One row per creation and deletion of a ticket and change of status, assignee, group, priority or tags in an audit.
with

tickets as (

    select * from {{ ref('stg_zendesk__tickets') }} as tickets
    where is_made_by_us is not true or {{ has_customer_comment('tickets.conversation_native_id') }}

),

audits as (

    select audits.*
    from {{ ref('stg_zendesk__audits') }} as audits
    left join {{ ref('stg_zendesk__tickets') }} as made
        on audits.conversation_native_id = made.ticket_id
    where made.is_made_by_us is not true or {{ has_customer_comment('audits.conversation_native_id') }}

),

status_codes as (

    select * from {{ ref('status_codes') }}
    where source = 'zendesk'

),

-- A deleted ticket no longer shows its audits; its own status is all that tells.
milestones as (

    select
        'zendesk:' || tickets.ticket_id || ':' || moments.event_type as case_event_id,
        tickets.conversation_native_id,
        moments.event_type,
        null::text as field,
        null::text as old_value,
        null::text as new_value,
        moments.actor_native_id,
        moments.occurred_at
    from tickets
    cross join
        lateral (
            values
            ('created', tickets.created_at, tickets.requester_id),
            ('deleted', tickets.updated_at, null)
        ) as moments (event_type, occurred_at, actor_native_id)
    where moments.event_type = 'created' or tickets.status = 'deleted'

),

changes as (

    select
        'zendesk:' || audits.audit_id || ':' || changes.position as case_event_id,
        audits.conversation_native_id,
        case
            when changes.field = 'status' and changes.value = 'deleted' then 'deleted'
            when changes.field = 'status' and changes.previous_value = 'deleted' then 'restored'
            when changes.is_merge then 'merged'
            else 'changed'
        end as event_type,
        case when not changes.is_merge then changes.field end as field,
        case when not changes.is_merge then coalesce(old_statuses.status, changes.previous_value) end as old_value,
        case
            when changes.is_merge then audits.related_ticket_id
            else coalesce(new_statuses.status, changes.value)
        end as new_value,
        audits.author_id as actor_native_id,
        audits.created_at as occurred_at
    from audits
    cross join
        lateral (
            select
                elements.position,
                case elements.change ->> 'field_name'
                    when 'assignee_id' then 'assignee'
                    when 'group_id' then 'group'
                    when 'tags' then 'tag'
                    else elements.change ->> 'field_name'
                end as field,
                -- Tags come as a list and hold none of these characters.
                translate(elements.change ->> 'previous_value', '[]",', '') as previous_value,
                translate(elements.change ->> 'value', '[]",', '') as value,
                -- Zendesk marks a ticket that was merged into another by this tag alone.
                coalesce(elements.change -> 'value' @> '["closed_by_merge"]', false)
                and not coalesce(elements.change -> 'previous_value' @> '["closed_by_merge"]', false) as is_merge
            from jsonb_array_elements(audits.changes) with ordinality as elements (change, position)
        ) as changes
    left join status_codes as old_statuses
        on changes.field = 'status' and changes.previous_value = old_statuses.source_status
    left join status_codes as new_statuses
        on changes.field = 'status' and changes.value = new_statuses.source_status

),

final as (

    select
        milestones.*,
        'zendesk' as source
    from milestones
    union all
    select
        changes.*,
        'zendesk' as source
    from changes

)

select {{ case_event_columns() }} from final
