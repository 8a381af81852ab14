-- One row per case and stretch of unsolved time with the same status and holder.
{{
    config(
        materialized='incremental',
        unique_key='source_conversation_id',
        meta={'changed_keys': 'int_conversations_touched'},
        indexes=[
            {'columns': ['case_interval_id'], 'unique': True},
            {'columns': ['source_conversation_id']},
            {'columns': ['ended_at']}
        ]
    )
}}
-- depends_on: {{ ref('int_conversations_touched') }}

with

intervals as (

    select * from {{ ref('int_case_intervals') }}

),

turns as (

    select * from {{ ref('int_conversation_turns') }}

),

final as (

    select
        intervals.source_conversation_id || '#' || intervals.interval_number as case_interval_id,
        intervals.source_conversation_id,
        intervals.source_conversation_id as conversation_id,
        intervals.interval_number,
        (intervals.started_at at time zone 'UTC')::date as date_key,
        coalesce(turns.market_code, 'unknown') as market_code,
        intervals.agent_key,
        intervals.agent_id,
        intervals.team_id,
        intervals.status,
        intervals.calendar_code,
        intervals.calendar_seconds,
        intervals.business_seconds,
        intervals.is_assigned,
        intervals.is_held_by_human,
        intervals.started_at,
        intervals.ended_at
    from intervals
    left join turns
        on intervals.source_conversation_id = turns.conversation_id

)

select * from final
