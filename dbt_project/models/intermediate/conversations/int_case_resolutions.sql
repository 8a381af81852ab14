-- One row per touched case of a system of record: whether, when and how often it was resolved.
{{ config(materialized='table', indexes=[{'columns': ['source_conversation_id'], 'unique': True}]) }}

with

rules as (

    select * from {{ ref('conversation_rules') }}

),

milestones as (

    select
        milestones.*,
        rules.status_evidence,
        -- Closing only counts as resolving if nobody ever marked the case solved.
        coalesce(milestones.first_solved_at, milestones.first_closed_at) as first_resolution_at,
        milestones.merged_at is not null as is_merged
    from {{ ref('int_case_milestones') }} as milestones
    left join rules
        on split_part(milestones.source_conversation_id, ':', 1) = rules.source

),

final as (

    select
        source_conversation_id,
        case when is_merged then 'closed' else status end as status,
        priority,
        case
            when status_count > 0 and status_evidence = 'history' then reopened_count::integer
        end as reopened_count,
        case
            when is_merged or is_deleted or ended_at is not null then false
            when status in ('solved', 'closed') then false
            when status in ('new', 'open', 'pending', 'on_hold') then true
        end as is_open,
        -- Merged cases stay out of the resolution rate: neither resolved nor unresolved.
        case
            when is_merged or is_deleted then null
            -- The outcome is not recorded.
            when status = 'new' and status_evidence = 'outcome' then null
            when status in ('solved', 'closed') then true
            when status is not null then false
        end as is_resolved,
        is_merged,
        is_deleted,
        created_at,
        first_resolution_at as first_resolved_at,
        -- Without the check of the status, a reopened case would show a resolution that it no longer has.
        case
            when status in ('solved', 'closed') and not is_merged and not is_deleted then last_done_at
        end as last_resolved_at,
        case
            when is_merged then merged_at
            when status = 'closed' then last_closed_at
            -- A caller who hung up without help waits for nothing in this call.
            when status not in ('new', 'solved') and not is_deleted then ended_at
        end as closed_at,
        case when status_evidence = 'history' then first_reopened_at end as first_reopened_at
    from milestones

)

select * from final
