-- One row per channel on which customers and the company speak.
{{ config(tags=['standing']) }}

with

channels as (

    select * from {{ ref('channels') }}

),

final as (

    select
        channel_code,
        channel,
        channel_family,
        site_type,
        surface,
        visibility
    from channels

    union all

    select
        'unknown',
        'Unknown',
        'unknown',
        'unknown',
        'unknown',
        'unknown'

)

select * from final
