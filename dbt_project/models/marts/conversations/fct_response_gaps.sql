-- One row per run of unanswered customer messages, with its end: a qualifying reply, a closure, or nothing yet.
{{
    config(
        materialized='incremental',
        unique_key='source_conversation_id',
        meta={'changed_keys': 'int_conversations_touched'},
        indexes=[
            {'columns': ['response_gap_id'], 'unique': True},
            {'columns': ['source_conversation_id']},
            {'columns': ['conversation_id']},
            {'columns': ['outcome']}
        ]
    )
}}
-- depends_on: {{ ref('int_conversations_touched') }}

with

moments as not materialized (

    select * from {{ ref('int_response_moments') }}

),

interactions as (

    select * from {{ ref('fct_interactions') }}

),

rules as (

    select * from {{ ref('conversation_rules') }}

),

-- The messages of one wait are those between the same two endings; the oldest of them starts its clock.
waits as (

    select
        conversation_id,
        wait_number,
        {{ first_question('interaction_id') }} as first_interaction_id,
        count(*) as customer_message_count
    from moments
    where moment_kind = 'question'
    group by conversation_id, wait_number

),

endings as (

    select * from moments
    where moment_kind <> 'question'

),

final as (

    select
        'gap:' || waits.first_interaction_id as response_gap_id,
        interactions.source_conversation_id,
        waits.conversation_id,
        waits.first_interaction_id,
        case when endings.moment_kind = 'reply' then endings.interaction_id end as reply_interaction_id,
        interactions.date_key,
        interactions.local_date_key,
        interactions.channel_code,
        interactions.market_code,
        interactions.brand_code,
        interactions.author_key,
        interactions.customer_key,
        case
            when endings.moment_kind is distinct from 'reply' then 'not_applicable'
            else coalesce(agents.agent_key, 'unknown')
        end as agent_key,
        case
            when topics.is_serviceable is false then 'not_serviceable'
            when endings.moment_kind = 'reply' then 'answered'
            when rules.reply_evidence = 'none' or endings.moment_kind = 'untimed_reply' then 'unknown'
            when endings.moment_kind = 'abandonment' then 'abandoned'
            when endings.moment_kind is not null then 'closed_unanswered'
            else 'waiting'
        end as outcome,
        interactions.visibility as question_visibility,
        case when endings.moment_kind = 'reply' then endings.visibility end as reply_visibility,
        calendars.calendar_code,
        waits.customer_message_count::integer as customer_message_count,
        case
            when endings.moment_kind = 'reply' and topics.is_serviceable is not false
                then {{ seconds_between('interactions.published_at', 'endings.occurred_at') }}
        end as customer_calendar_seconds,
        case
            when endings.moment_kind = 'reply' and topics.is_serviceable is not false
                then {{ seconds_between('interactions.available_at', 'endings.occurred_at') }}
        end as team_calendar_seconds,
        case
            when endings.moment_kind = 'reply' and topics.is_serviceable is not false
                then floor({{ business_seconds_by_month(
                    'question_months', 'interactions.available_at', 'reply_months', 'endings.occurred_at'
                ) }})::bigint
        end as team_business_seconds,
        coalesce(endings.moment_kind = 'merge', false) as is_ended_by_merge,
        coalesce(cases.is_deleted, false) as is_deleted,
        interactions.published_at as started_at,
        interactions.available_at as started_available_at,
        case when endings.moment_kind <> 'untimed_reply' then endings.occurred_at end as ended_at
    from waits
    inner join interactions
        on waits.first_interaction_id = interactions.interaction_id
    left join rules
        on interactions.source = rules.source
    left join {{ ref('int_case_resolutions') }} as cases
        on waits.conversation_id = cases.source_conversation_id
    left join {{ ref('int_conversation_topics') }} as topics
        on waits.conversation_id = topics.conversation_id
    left join endings
        on waits.conversation_id = endings.conversation_id and waits.wait_number = endings.wait_number
    left join {{ ref('int_conversation_calendars') }} as calendars
        on waits.conversation_id = calendars.conversation_id
    {{ business_months('question_months', 'calendars.calendar_code', 'interactions.available_at') }}
    {{ business_months('reply_months', 'calendars.calendar_code', 'endings.occurred_at') }}
    left join {{ ref('dim_agent') }} as agents
        on
            interactions.source || ':' || endings.agent_native_id = agents.agent_id
            and {{ during_version('endings.occurred_at', 'agents') }}

)

select * from final
