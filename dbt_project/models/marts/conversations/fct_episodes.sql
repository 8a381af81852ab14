-- One row per case and episode: from open to resolved; each reopening starts the next.
{{
    config(
        materialized='incremental',
        unique_key='source_conversation_id',
        meta={'changed_keys': 'int_episodes_touched'},
        indexes=[
            {'columns': ['episode_id'], 'unique': True},
            {'columns': ['source_conversation_id']},
            {'columns': ['resolved_at']}
        ]
    )
}}
-- depends_on: {{ ref('int_episodes_touched') }}, {{ ref('int_conversations_touched') }}

with

episodes as (

    select
        source_conversation_id,
        episode_number,
        outcome,
        started_at,
        ended_at,
        reopened_at
    from {{ ref('int_episodes') }}
    {% if is_incremental() %}
        union all
        -- Only time has passed for these.
        select
            known.source_conversation_id,
            known.episode_number,
            known.outcome,
            known.started_at,
            known.ended_at,
            known.reopened_at
        from {{ this }} as known
        inner join {{ ref('int_episodes_touched') }} as episodes_touched
            on known.source_conversation_id = episodes_touched.source_conversation_id
        where
            known.source_conversation_id not in (
                select touched.source_conversation_id from {{ ref('int_conversations_touched') }} as touched
            )
    {% endif %}

),

conversations as (

    select * from {{ ref('fct_conversations') }}

),

final as (

    select
        episodes.source_conversation_id || '#' || episodes.episode_number as episode_id,
        episodes.source_conversation_id,
        episodes.source_conversation_id as conversation_id,
        episodes.episode_number,
        (episodes.started_at at time zone 'UTC')::date as date_key,
        conversations.channel_code,
        conversations.market_code,
        conversations.brand_code,
        conversations.customer_key,
        episodes.outcome,
        conversations.calendar_code,
        {{ seconds_between('episodes.started_at', 'episodes.ended_at') }} as calendar_seconds,
        floor({{ business_seconds_by_month(
            'start_months', 'episodes.started_at', 'end_months', 'episodes.ended_at'
        ) }})::bigint as business_seconds,
        case
            -- Reopenings are known earlier than their absence: only the end of the seven days tells both.
            when episodes.outcome <> 'resolved' then null
            when {{ running_as_of() }} < episodes.ended_at + interval '7 days' then null
            -- As in the resolution rate; what went on in another case before that may have come back there.
            when conversations.is_deleted then null
            when conversations.is_merged and conversations.closed_at < episodes.ended_at + interval '7 days' then null
            else coalesce(episodes.reopened_at >= episodes.ended_at + interval '7 days', true)
        end as has_stayed_resolved_7d,
        episodes.started_at,
        episodes.ended_at,
        case when episodes.outcome = 'resolved' then episodes.ended_at end as resolved_at,
        episodes.reopened_at
    from episodes
    inner join conversations
        on episodes.source_conversation_id = conversations.conversation_id
    {{ business_months('start_months', 'conversations.calendar_code', 'episodes.started_at') }}
    {{ business_months('end_months', 'conversations.calendar_code', 'episodes.ended_at') }}

)

select * from final
