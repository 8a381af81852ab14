-- One row per case and stretch of unsolved time in which its status and who held it stayed the same.
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

final as (

    select
        source_conversation_id || '#' || interval_number as case_interval_id,
        source_conversation_id,
        source_conversation_id as conversation_id,
        interval_number,
        (started_at at time zone 'UTC')::date as date_key,
        agent_key,
        agent_id,
        team_id,
        status,
        calendar_code,
        calendar_seconds,
        business_seconds,
        is_assigned,
        is_held_by_human,
        started_at,
        ended_at
    from intervals

)

select * from final
