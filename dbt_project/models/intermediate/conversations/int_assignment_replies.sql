-- One row per touched case and assignment in which its holder replied: the first reply, and the number of replies.
{{ config(materialized='table', indexes=[{'columns': ['source_conversation_id', 'span_number'], 'unique': True}]) }}

with

moments as not materialized (

    select * from {{ ref('int_response_moments') }}

),

-- Further messages do not reset the clock: the oldest of several unanswered messages counts.
waits as (

    select
        conversation_id,
        wait_number,
        min(occurred_at) as waiting_since
    from moments
    where moment_kind = 'question'
    group by conversation_id, wait_number

),

-- One reply counts once: an agent who replies while passing the case on, or taking it, replies in one assignment.
replies as (

    select distinct on (moments.moment_id)
        assignments.source_conversation_id,
        assignments.span_number,
        assignments.started_at,
        moments.occurred_at,
        moments.wait_number
    from {{ ref('int_assignment_spans') }} as assignments
    inner join moments
        on
            assignments.source_conversation_id = moments.conversation_id
            and assignments.agent_native_id = moments.agent_native_id
            and assignments.started_at <= moments.occurred_at
            and coalesce(assignments.ended_at, 'infinity') >= moments.occurred_at
    where moments.moment_kind = 'reply'
    order by moments.moment_id asc, assignments.span_number desc

),

counted as (

    select
        source_conversation_id,
        span_number,
        started_at,
        (array_agg(wait_number order by occurred_at, wait_number))[1] as first_wait_number,
        min(occurred_at) as first_reply_at,
        count(*)::integer as reply_count
    from replies
    group by source_conversation_id, span_number, started_at

),

final as (

    select
        counted.source_conversation_id,
        counted.span_number,
        counted.reply_count,
        -- NULL if no customer was waiting.
        case
            when waits.waiting_since is not null then greatest(counted.started_at, waits.waiting_since)
        end as first_reply_clock_started_at,
        counted.first_reply_at
    from counted
    left join waits
        on
            counted.source_conversation_id = waits.conversation_id
            and counted.first_wait_number = waits.wait_number

)

select * from final
