-- One row per touched conversation: when it opened, and every clock that starts there or runs over its life.
{{ config(materialized='table', indexes=[{'columns': ['conversation_id'], 'unique': True}]) }}

with

turns as (

    select * from {{ ref('int_conversation_turns') }}

),

cases as (

    select * from {{ ref('int_case_resolutions') }}

),

case_clocks as (

    select * from {{ ref('int_case_clocks') }}

),

calendars as (

    select * from {{ ref('int_conversation_calendars') }}

),

-- A case may be known before its first message is, and a thread has no case.
conversations as (

    select
        coalesce(turns.conversation_id, cases.source_conversation_id) as conversation_id,
        coalesce(turns.source_conversation_id, cases.source_conversation_id) as source_conversation_id,
        coalesce(turns.source, split_part(cases.source_conversation_id, ':', 1)) as source,
        least(turns.first_message_at, cases.created_at) as opened_at,
        cases.first_resolved_at,
        cases.last_resolved_at
    from turns
    full join cases
        on turns.conversation_id = cases.source_conversation_id

),

final as (

    select
        conversations.conversation_id,
        conversations.source_conversation_id,
        conversations.source,
        calendars.calendar_code,
        {% for name, resolved_at in [('first', 'first_resolved_at'), ('final', 'last_resolved_at')] -%}
            {{ seconds_between('conversations.opened_at', 'conversations.' ~ resolved_at) }}
                as {{ name }}_resolution_seconds,
            floor({{ business_seconds_by_month(
                'opening_months', 'conversations.opened_at', name ~ '_months', 'conversations.' ~ resolved_at
            ) }})::bigint as {{ name }}_resolution_business_seconds,
        {% endfor -%}
        {% for clock in case_clocks() if clock != 'handling' -%}
            case_clocks.{{ clock }}_calendar_seconds,
            case_clocks.{{ clock }}_business_seconds,
        {% endfor -%}
        case_clocks.handling_business_seconds,
        case_clocks.handoff_count,
        conversations.opened_at
    from conversations
    left join case_clocks
        on conversations.conversation_id = case_clocks.source_conversation_id
    left join calendars
        on conversations.conversation_id = calendars.conversation_id
    {{ business_months('opening_months', 'calendars.calendar_code', 'conversations.opened_at') }}
    {{ business_months('first_months', 'calendars.calendar_code', 'conversations.first_resolved_at') }}
    {{ business_months('final_months', 'calendars.calendar_code', 'conversations.last_resolved_at') }}

)

select * from final
