-- One row per touched case with dated statuses and episode: from open to resolved; each reopening starts the next.
{{ config(materialized='table', indexes=[{'columns': ['source_conversation_id', 'episode_number'], 'unique': True}]) }}

with

spans as (

    select
        *,
        status in ('solved', 'closed') as is_done,
        lag(status in ('solved', 'closed')) over cases as was_done,
        lag(ended_at) over cases as gone_at
    from {{ ref('int_status_spans') }}
    window cases as (partition by source_conversation_id order by span_number)

),

milestones as (

    select * from {{ ref('int_case_milestones') }}

),

numbered as (

    select
        *,
        -- A case that was deleted and restored continues in a new episode; one created as solved has an episode without
        -- length.
        count(*) filter (where span_number = 1 or (not is_done and (was_done or gone_at < started_at)))
            over (partition by source_conversation_id order by span_number)
            as episode_number
    from spans

),

episodes as (

    select
        source_conversation_id,
        episode_number,
        min(started_at) as started_at,
        coalesce(
            min(started_at) filter (where is_done),
            (array_agg(ended_at order by span_number desc))[1]
        ) as ended_at,
        bool_or(is_done) as is_resolved
    from numbered
    group by source_conversation_id, episode_number

),

final as (

    select
        episodes.source_conversation_id,
        episodes.episode_number::integer as episode_number,
        case
            when episodes.is_resolved then 'resolved'
            when episodes.ended_at is null then 'open'
            when episodes.ended_at = milestones.merged_at then 'merged'
            else 'deleted'
        end as outcome,
        episodes.started_at,
        episodes.ended_at,
        case
            when episodes.is_resolved then
                lead(episodes.started_at) over (
                    partition by episodes.source_conversation_id order by episodes.episode_number
                )
        end as reopened_at
    from episodes
    left join milestones
        on episodes.source_conversation_id = milestones.source_conversation_id

)

select * from final
