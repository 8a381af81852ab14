-- One row per member of staff and period with the same role, team and activity.
{{ config(indexes=[{'columns': ['agent_key'], 'unique': True}]) }}

with

agent_versions as (

    select * from {{ ref('int_agent_versions') }}

),

members as (

    select
        agent_key,
        agent_id,
        source,
        role,
        team,
        is_active,
        is_in_directory,
        valid_from,
        valid_to
    from agent_versions

    union all

    select
        special.agent_key,
        special.agent_key as agent_id,
        null as source,
        null as role,
        null as team,
        null as is_active,
        false as is_in_directory,
        null as valid_from,
        null as valid_to
    from (values ('unknown'), ('not_applicable')) as special (agent_key)

),

final as (

    select
        agent_key,
        agent_id,
        source,
        role,
        team,
        is_active,
        is_in_directory,
        valid_to is null as is_current,
        valid_from,
        valid_to
    from members

)

select * from final
