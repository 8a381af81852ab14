-- One row per team to which contacts are routed.
{{ config(tags=['standing']) }}

with

final as (

    select
        team_code,
        team,
        closes_by
    from {{ ref('routing_teams') }}

)

select * from final
