-- One row per touched case with dated statuses and stretch of time in which its status stayed the same.
{{
    config(
        materialized='table',
        indexes=[{'columns': ['source_conversation_id', 'span_number'], 'unique': True}]
    )
}}

with

events as not materialized (

    select * from {{ ref('int_dated_case_events') }}
    where event_kind in ('created', 'status', 'merged', 'deleted', 'restored')

),

-- A case whose changes of status are unknown has no span.
first_changes as (

    -- The earliest change of each case shows what was valid before: the old value or, without one, the new value. A
    -- deletion only shows what it ended.
    select distinct on (source_conversation_id)
        source_conversation_id,
        event_number,
        coalesce(old_value, new_value) as initial_status
    from events
    where event_kind = 'status' or (event_kind = 'deleted' and old_value is not null)
    order by source_conversation_id, event_number

),

marks as (

    select
        events.source_conversation_id,
        events.event_number,
        events.occurred_at,
        case
            when events.event_kind = 'created' then first_changes.initial_status
            when events.event_kind in ('status', 'restored') then events.new_value
        end as status
    from events
    inner join first_changes
        on events.source_conversation_id = first_changes.source_conversation_id
    where events.event_kind <> 'created' or events.event_number < first_changes.event_number

),

timed as (

    select
        *,
        lead(occurred_at) over (partition by source_conversation_id order by event_number) as next_at
    from marks

),

compared as (

    select
        *,
        lag(status) over (partition by source_conversation_id order by event_number) as status_before
    from timed
    -- A case that is restored at the instant of its deletion was never deleted.
    where status is not null or next_at is null or next_at > occurred_at

),

spans as (

    select
        source_conversation_id,
        count(status) over cases as span_number,
        status,
        occurred_at as started_at,
        lead(occurred_at) over cases as ended_at
    from compared
    where status is distinct from status_before
    window cases as (partition by source_conversation_id order by event_number)

),

-- A merged or deleted case has no status.
final as (

    select * from spans
    where status is not null

)

select * from final
