-- One row per conversation and kind of contact in it that a rule routes: did it reach its team, and in time?
{{ config(materialized='view') }}

with

published as (

    select max(as_of) as as_of from {{ source('bi', 'publications') }}

),

-- A case that we created in the helpdesk for the team hands the contact over, as of the publication that it came from.
handed_over as (

    select
        conversation_id,
        team_code,
        min(as_of) as handed_over_at
    from {{ source('bi', 'activations') }}
    where kind = 'helpdesk_case' and state = 'sent'
    group by conversation_id, team_code

),

reached as (

    select
        routings.*,
        teams.team,
        teams.closes_by,
        -- A team that already held the conversation is reached by the request itself.
        least(
            routings.assigned_at,
            case
                when handed_over.handed_over_at is not null
                    then greatest(handed_over.handed_over_at, routings.requested_at)
            end,
            case when teams.closes_by = 'reply' then routings.replied_at end
        ) as reached_at
    from {{ ref('fct_routings') }} as routings
    inner join {{ ref('dim_routing_team') }} as teams
        on routings.team_code = teams.team_code
    left join handed_over
        on routings.conversation_id = handed_over.conversation_id and routings.team_code = handed_over.team_code

),

acted as (

    select
        *,
        case when closes_by = 'reply' then replied_at else reached_at end as acted_at
    from reached

),

final as (

    select
        acted.routing_id,
        acted.conversation_id,
        acted.interaction_id,
        acted.source,
        acted.local_date_key,
        acted.channel_code,
        acted.market_code,
        acted.brand_code,
        acted.author_key,
        acted.customer_key,
        acted.contact_type_code,
        acted.issue_code,
        acted.product_code,
        acted.language,
        acted.routing_rule_id,
        acted.team_code,
        acted.team,
        acted.action,
        case
            when acted.acted_at <= acted.due_at then 'in_time'
            when acted.acted_at is not null then 'late'
            when acted.closes_by = 'reply' and not acted.is_reply_recorded then 'unknown'
            when acted.due_at < published.as_of then 'overdue'
            else 'waiting'
        end as outcome,
        acted.deadline_seconds,
        {{ seconds_between('acted.requested_at', 'acted.acted_at') }} as acted_seconds,
        case
            when acted.reached_at is not null then true
            when acted.closes_by = 'hand_over' or acted.is_reply_recorded then false
        end as is_reached,
        acted.requested_at,
        acted.due_at,
        acted.reached_at,
        acted.acted_at
    from acted
    cross join published

)

select * from final
