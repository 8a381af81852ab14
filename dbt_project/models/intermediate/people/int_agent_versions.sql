-- One row per member of staff and period in which the tracked columns stayed the same.
{{
    config(
        materialized='table',
        indexes=[{'columns': ['agent_key'], 'unique': True}, {'columns': ['agent_id']}]
    )
}}

with

agents_seen as (

    select * from {{ ref('int_agents_seen') }}

),

groups as (

    select * from {{ ref('stg_zendesk__groups') }}

),

user_versions as (

    select distinct on (user_id, held_from) -- of versions with one time, the last one read
        'zendesk:' || versions.user_id as agent_id,
        versions.user_id,
        versions.role,
        versions.default_group_id,
        coalesce(versions.is_active, true) as is_active,
        jsonb_build_array(versions.role, versions.default_group_id, coalesce(versions.is_active, true)) as tracked,
        coalesce(versions._version_at, versions._extracted_at) as held_from
    from {{ ref('stg_zendesk__user_versions') }} as versions
    where
        versions.user_id in (
            select staff.user_id from {{ ref('stg_zendesk__user_versions') }} as staff where staff.role in ('agent', 'admin')
        )
    order by user_id, held_from, versions._extracted_at desc, versions._load_id desc, versions._record_hash desc

),

compared as (

    select
        *,
        row_number() over versions as version_number,
        tracked is distinct from lag(tracked) over versions as is_change
    from user_versions
    window versions as (partition by agent_id order by held_from)

),

final as (

    select
        md5(compared.agent_id || '|' || extract(epoch from compared.held_from)) as agent_key,
        compared.agent_id,
        'zendesk' as source,
        compared.role,
        groups.group_name as team,
        compared.is_active,
        true as is_in_directory,
        case when compared.version_number > 1 then compared.held_from end as valid_from,
        lead(compared.held_from) over (partition by compared.agent_id order by compared.held_from) as valid_to
    from compared
    left join groups
        on compared.default_group_id = groups.group_id
    where compared.is_change or compared.version_number = 1

    union all

    select
        md5(agents_seen.agent_id) as agent_key,
        agents_seen.agent_id,
        agents_seen.source,
        null as role,
        null as team,
        null as is_active,
        false as is_in_directory,
        null as valid_from,
        null as valid_to
    from agents_seen
    where agents_seen.agent_id not in (select user_versions.agent_id from user_versions)

)

select * from final
