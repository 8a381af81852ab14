-- One row per member of staff who speaks in any utterance, whether or not a directory lists them.
{{ config(materialized='table') }}

with recursive

sources as (

    select source from {{ ref('conversation_rules') }}

),

-- Skips from one agent to the next along the index: there are few agents and many utterances.
seen as (

    select
        sources.source,
        first_agent.agent_native_id
    from sources
    cross join
        lateral (
            select min(interactions.agent_native_id) as agent_native_id
            from {{ ref('int_interactions') }} as interactions
            where interactions.source = sources.source
        ) as first_agent
    where first_agent.agent_native_id is not null
    union all
    select
        seen.source,
        next_agent.agent_native_id
    from seen
    cross join
        lateral (
            select min(interactions.agent_native_id) as agent_native_id
            from {{ ref('int_interactions') }} as interactions
            where interactions.source = seen.source and interactions.agent_native_id > seen.agent_native_id
        ) as next_agent
    where next_agent.agent_native_id is not null

),

final as (

    select
        source,
        source || ':' || agent_native_id as agent_id
    from seen

)

select * from final
