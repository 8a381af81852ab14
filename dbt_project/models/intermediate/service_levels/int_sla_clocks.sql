-- One row per run of a clock under one application of a service level.
{{ config(materialized='table', indexes=[{'columns': ['sla_event_id'], 'unique': True}]) }}

with

applications as (

    select * from {{ ref('int_sla_applications') }}

),

runs as (

    select * from {{ ref('int_sla_runs') }}

),

paired as (

    select
        applications.*,
        runs.run_number,
        runs.agent_native_id,
        runs.available_at,
        runs.ended_by as run_ended_by,
        runs.ended_at as run_ended_at,
        -- The first reply is measured from the first message, whenever its policy began; other metrics from the policy
        -- on.
        case
            when applications.metric = 'first_reply' then runs.started_at
            else greatest(runs.started_at, applications.applied_at)
        end as started_at,
        case
            when applications.metric = 'first_reply' then runs.ended_at
            else least(runs.ended_at, applications.replaced_at)
        end as ended_at
    from applications
    inner join runs
        on applications.conversation_id = runs.conversation_id and applications.metric = runs.metric
    where
        case
            -- For the first reply, only the policy at the end, or the current one, counts.
            when applications.metric = 'first_reply'
                then
                    (runs.ended_at is null or applications.applied_at <= runs.ended_at)
                    and (applications.replaced_at is null or runs.ended_at < applications.replaced_at)
            else
                runs.started_at < coalesce(applications.replaced_at, 'infinity')
                and (
                    runs.started_at >= applications.applied_at
                    or coalesce(runs.ended_at, 'infinity') > applications.applied_at
                )
        end

),

final as (

    select
        paired.conversation_id || ':' || paired.metric || ':' || paired.run_number || ':' || paired.application_number
        || ':' || paired.policy_code as sla_event_id,
        paired.conversation_id,
        paired.source_conversation_id,
        paired.metric,
        paired.run_number,
        paired.application_number,
        paired.sla_policy_key,
        paired.channel_code,
        paired.channel_family,
        paired.market_code,
        paired.priority,
        paired.customer_tier,
        paired.target_seconds,
        paired.in_business_hours,
        case when paired.in_business_hours then calendars.calendar_code end as calendar_code,
        case
            when paired.ended_at is null then null
            when (paired.ended_at is distinct from paired.run_ended_at) then 'replacement'
            else paired.run_ended_by
        end as ended_by,
        paired.agent_native_id,
        paired.applied_at,
        paired.started_at,
        greatest(paired.available_at, paired.started_at) as started_available_at,
        paired.ended_at
    from paired
    left join {{ ref('int_conversation_calendars') }} as calendars
        on paired.conversation_id = calendars.conversation_id

)

select * from final
