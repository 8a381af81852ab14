-- One row per team to which cases are assigned.
{{ config(indexes=[{'columns': ['team_id'], 'unique': True}]) }}

with

groups as (

    select * from {{ ref('stg_zendesk__groups') }}

),

final as (

    select
        'zendesk:' || group_id as team_id,
        'zendesk' as source,
        group_name as team,
        coalesce(is_deleted, false) as is_deleted
    from groups

)

select * from final
