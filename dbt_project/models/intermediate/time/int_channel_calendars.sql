-- One row per market and channel (including unknown ones) with a calendar of working hours.
{{ config(tags=['standing']) }}

with

markets as (

    select market_code from {{ ref('markets') }}
    union all
    select 'unknown'

),

channels as (

    select
        channel_code,
        channel_family
    from {{ ref('channels') }}
    union all
    select
        'unknown',
        'unknown'

),

assignments as (

    select * from {{ ref('calendar_assignments') }}

),

final as (

    -- The most specific of several assignments: first by channel, then by family, then by market.
    select distinct on (markets.market_code, channels.channel_code)
        markets.market_code,
        channels.channel_code,
        assignments.calendar_code
    from markets
    cross join channels
    inner join assignments
        on
            coalesce(assignments.market_code, markets.market_code) = markets.market_code
            and coalesce(assignments.channel_family, channels.channel_family) = channels.channel_family
            and coalesce(assignments.channel_code, channels.channel_code) = channels.channel_code
    order by
        markets.market_code,
        channels.channel_code,
        assignments.channel_code is null,
        assignments.channel_family is null,
        assignments.market_code is null

)

select * from final
