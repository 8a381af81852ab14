-- One row per touched conversation with utterances: its calendar of working hours, or why it has none.
{{ config(materialized='table', indexes=[{'columns': ['conversation_id'], 'unique': True}]) }}

with

turns as (

    select * from {{ ref('int_conversation_turns') }}

),

calendars as (

    select * from {{ ref('int_channel_calendars') }}

),

final as (

    select
        turns.conversation_id,
        turns.source_conversation_id,
        calendars.calendar_code,
        case
            when calendars.calendar_code is not null then null
            when turns.market_code is null then 'unknown_market'
            when turns.channel_code = 'unknown' then 'unknown_channel'
            else 'not_assigned'
        end as calendar_null_reason
    from turns
    left join calendars
        on
            coalesce(turns.market_code, 'unknown') = calendars.market_code
            and turns.channel_code = calendars.channel_code

)

select * from final
