-- One row per run of a clock that service levels can measure in a touched conversation, whether or not one applies.
{{ config(materialized='table', indexes=[{'columns': ['conversation_id', 'metric']}]) }}

with

moments as not materialized (

    select
        moments.*,
        rules.reply_evidence
    from {{ ref('int_response_moments') }} as moments
    inner join {{ ref('conversation_rules') }} as rules
        on split_part(moments.conversation_id, ':', 1) = rules.source
    -- If a source does not record replies, a missing reply is nobody's fault.
    where rules.reply_evidence <> 'none'

),

endings as (

    select
        *,
        lead(occurred_at) over conversations as next_at,
        lead(moment_kind) over conversations as next_kind,
        lead(agent_native_id) over conversations as next_agent_native_id
    from moments
    where moment_kind <> 'question'
    window conversations as (partition by conversation_id order by wait_number)

),

-- The oldest message between two endings starts the clock.
waits as (

    select
        conversation_id,
        wait_number,
        row_number() over (partition by conversation_id order by wait_number) as run_number,
        min(occurred_at) as started_at,
        {{ first_question('available_at') }} as available_at
    from moments
    where moment_kind = 'question'
    group by conversation_id, wait_number

),

reply_runs as (

    select
        waits.conversation_id,
        case when waits.run_number = 1 then 'first_reply' else 'next_reply' end as metric,
        greatest(waits.run_number - 1, 1) as run_number,
        waits.started_at,
        waits.available_at,
        endings.occurred_at as ended_at,
        -- A call that ends unanswered, even in voicemail, is solved by nobody.
        case
            when endings.moment_kind = 'closure' and endings.reply_evidence = 'answered_event' then 'abandonment'
            else endings.moment_kind
        end as ended_by,
        endings.agent_native_id
    from waits
    left join endings
        on waits.conversation_id = endings.conversation_id and waits.wait_number = endings.wait_number

),

-- Each reply to a case that stays open starts the clock of the next one.
update_runs as (

    select
        endings.conversation_id,
        metrics.metric,
        -- Runs that start at the same instant are in the order of the moments that started them.
        row_number() over (partition by endings.conversation_id, metrics.metric order by endings.wait_number)
            as run_number,
        endings.occurred_at as started_at,
        endings.occurred_at as available_at,
        endings.next_at as ended_at,
        endings.next_kind as ended_by,
        endings.next_agent_native_id as agent_native_id
    from endings
    inner join {{ ref('int_status_spans') }} as spans
        on
            endings.conversation_id = spans.source_conversation_id
            and endings.occurred_at >= spans.started_at
            and endings.occurred_at < coalesce(spans.ended_at, 'infinity')
    cross join (values ('periodic_update'), ('pausable_update')) as metrics (metric)
    where
        endings.moment_kind = 'reply'
        and spans.status not in ('solved', 'closed')

),

runs as (

    select * from reply_runs
    union all
    select * from update_runs
    union all
    select * from {{ ref('int_sla_case_runs') }}

),

final as (

    select
        conversation_id,
        metric,
        run_number,
        agent_native_id,
        case when ended_by = 'closure' then 'resolution' else ended_by end as ended_by,
        started_at,
        available_at,
        ended_at
    from runs

)

select * from final
