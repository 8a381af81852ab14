{# One row per conversation held by an agent or team whose directory entry changed, even if they never wrote in it. #}
{{ config(materialized='table') }}

{% set known = left_by_the_run_before('fct_agent_assignments', schema='marts') %}
{#- As BI last saw it: a killed run may have renamed a team in marts and not told its conversations. #}
{% set published = left_by_the_run_before('dim_team', schema='bi') %}

with

user_versions as (

    select * from {{ ref('stg_zendesk__user_versions') }}
    where _load_id in ({{ pending_load_ids(source('ops', 'pending_loads')) }})

),

-- A group's name tells which of our teams it is.
groups as (

    select * from {{ ref('stg_zendesk__groups') }}
    where _load_id in ({{ pending_load_ids(source('ops', 'pending_loads')) }})

),

-- A queue has no record of its own: each ticket gives its name.
queues as (

    select distinct -- many tickets lie in one queue
        queue_id,
        queue
    from {{ ref('stg_request_tracker__tickets') }}
    where _load_id in ({{ pending_load_ids(source('ops', 'pending_loads')) }})

),

teams as (

    select 'zendesk:' || group_id as team_id
    from groups
    {% if published %}
        union all
        select published.team_id
        from queues
        inner join {{ published }} as published
            on
                'request_tracker:' || queues.queue_id = published.team_id
                and queues.queue is distinct from published.team
    {% endif %}

),

final as (

    {% if known %}
        -- Several versions of one holder, and several holders of one conversation.
        select
            split_part(known.source_conversation_id, ':', 1) as source,
            substr(known.source_conversation_id, strpos(known.source_conversation_id, ':') + 1)
                as conversation_native_id
        from user_versions
        inner join {{ known }} as known
            on 'zendesk:' || user_versions.user_id = known.agent_id
        union
        select
            split_part(known.source_conversation_id, ':', 1),
            substr(known.source_conversation_id, strpos(known.source_conversation_id, ':') + 1)
        from teams
        inner join {{ known }} as known
            on teams.team_id = known.team_id
    {% else %}
        select
            null::text as source,
            null::text as conversation_native_id
        from user_versions
        where false
    {% endif %}

)

select * from final
