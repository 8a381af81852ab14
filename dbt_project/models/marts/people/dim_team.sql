-- One row per team that cases are assigned to, in any help desk, with its name if the source provides one.
{{ config(indexes=[{'columns': ['team_id'], 'unique': True}]) }}

with

groups as (

    select * from {{ ref('stg_zendesk__groups') }}

),

tickets as (

    select * from {{ ref('stg_request_tracker__tickets') }}
    where queue_id is not null

),

assignments as (

    select * from {{ ref('fct_agent_assignments') }}
    where team_id is not null

),

queues as (

    select distinct on (queue_id) -- called as the ticket that was read last says
        queue_id,
        queue
    from tickets
    order by queue_id asc, _extracted_at desc, conversation_native_id asc

),

named as (

    select
        'zendesk:' || group_id as team_id,
        group_name as team,
        coalesce(is_deleted, false) as is_deleted
    from groups

    union all

    select
        'request_tracker:' || queue_id as team_id,
        queue as team,
        null::boolean as is_deleted
    from queues

),

-- Some teams, such as Intercom's, are only known because they hold cases.
holding as (

    select distinct team_id from assignments -- a team holds many

),

final as (

    select
        coalesce(named.team_id, holding.team_id) as team_id,
        split_part(coalesce(named.team_id, holding.team_id), ':', 1) as source,
        named.team,
        named.is_deleted
    from named
    full join holding
        on named.team_id = holding.team_id

)

select * from final
