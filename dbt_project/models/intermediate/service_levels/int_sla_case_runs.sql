-- One row per touched case with dated statuses and metric that runs from creation to solution.
with

spans as (

    select
        source_conversation_id,
        status not in ('solved', 'closed') as is_working,
        started_at,
        ended_at
    from {{ ref('int_status_spans') }}

),

-- A reopened case waits again, and its earlier waiting time still counts.
cases as (

    select
        spans.source_conversation_id,
        min(spans.started_at) as started_at,
        case
            when not bool_or(spans.is_working and spans.ended_at is null)
                then coalesce(max(spans.ended_at) filter (where spans.is_working), min(spans.started_at))
        end as ended_at
    from spans
    group by spans.source_conversation_id

),

-- The case counts as solved by the agent who replied last, whoever set the status.
repliers as (

    select
        cases.source_conversation_id,
        (array_agg(moments.agent_native_id order by moments.wait_number desc))[1] as agent_native_id
    from cases
    inner join {{ ref('int_response_moments') }} as moments
        on
            cases.source_conversation_id = moments.conversation_id
            and cases.ended_at >= moments.occurred_at
    where moments.moment_kind = 'reply'
    group by cases.source_conversation_id

),

final as (

    select
        cases.source_conversation_id as conversation_id,
        metrics.metric,
        1::bigint as run_number,
        cases.started_at,
        cases.started_at as available_at,
        cases.ended_at,
        case
            when cases.ended_at is null then null
            when resolutions.is_merged and cases.ended_at >= resolutions.closed_at then 'merge'
            else 'closure'
        end as ended_by,
        repliers.agent_native_id
    from cases
    inner join {{ ref('int_case_resolutions') }} as resolutions
        on cases.source_conversation_id = resolutions.source_conversation_id
    left join repliers
        on cases.source_conversation_id = repliers.source_conversation_id
    cross join (values ('requester_wait'), ('agent_work')) as metrics (metric)

)

select * from final
