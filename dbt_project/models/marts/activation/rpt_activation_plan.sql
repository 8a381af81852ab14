-- One row per conversation and team for which the rules ask for a help desk case, whether or not it was created.
with

candidates as (

    select
        'work_queue' as origin,
        queue.conversation_id,
        queue.last_interaction_id as interaction_id,
        queue.team_code,
        queue.action,
        queue.contact_type_code,
        queue.priority_points,
        queue.influence_score,
        queue.is_overdue,
        queue.due_at
    from {{ ref('rpt_work_queue') }} as queue
    -- A conversation with a status is already a case of some system.
    where queue.status is null

    union all

    select
        'routing' as origin,
        routings.conversation_id,
        routings.interaction_id,
        routings.team_code,
        routings.action,
        routings.contact_type_code,
        null as priority_points,
        authors.influence_score,
        routings.due_at < {{ running_as_of() }} as is_overdue,
        routings.due_at
    from {{ ref('fct_routings') }} as routings
    inner join {{ ref('dim_routing_team') }} as teams
        on routings.team_code = teams.team_code
    left join {{ ref('dim_author') }} as authors
        on routings.author_key = authors.author_key
    where teams.closes_by = 'hand_over' and routings.assigned_at is null

),

-- One case per team, however many rules ask for it; the queue's priority comes first.
chosen as (

    select distinct on (candidates.conversation_id, candidates.team_code)
        candidates.*,
        rules.activation_rule_id,
        rules.most_per_run
    from candidates
    inner join {{ ref('activation_rules') }} as rules
        on
            candidates.origin = rules.origin
            and candidates.contact_type_code = coalesce(rules.contact_type_code, candidates.contact_type_code)
            and coalesce(candidates.priority_points >= rules.minimum_points, rules.minimum_points is null)
            and coalesce(candidates.influence_score >= rules.minimum_influence, rules.minimum_influence is null)
    order by
        candidates.conversation_id asc, candidates.team_code asc, candidates.origin desc,
        rules.activation_rule_id asc, candidates.due_at asc

),

final as (

    select
        chosen.conversation_id || ':' || chosen.team_code as item_id,
        chosen.conversation_id,
        chosen.interaction_id,
        chosen.activation_rule_id,
        row_number() over (
            partition by chosen.activation_rule_id
            order by chosen.priority_points desc nulls last, chosen.due_at asc nulls last, chosen.conversation_id asc
        )::integer as plan_position,
        chosen.most_per_run,
        interactions.channel_code,
        interactions.market_code,
        interactions.brand_code,
        conversations.customer_id,
        chosen.contact_type_code,
        interactions.issue_code,
        interactions.product_code,
        interactions.language,
        chosen.team_code,
        team_groups.helpdesk_group,
        chosen.action,
        left(interactions.text_masked, 160) as text_excerpt,
        chosen.priority_points,
        coalesce(chosen.is_overdue, false) as is_overdue,
        chosen.due_at
    from chosen
    inner join {{ ref('fct_interactions') }} as interactions
        on chosen.interaction_id = interactions.interaction_id and not interactions.is_deleted
    inner join {{ ref('fct_conversations') }} as conversations
        on chosen.conversation_id = conversations.conversation_id
    left join {{ ref('routing_team_groups') }} as team_groups
        on
            chosen.team_code = team_groups.team_code
            and interactions.market_code = coalesce(team_groups.market_code, interactions.market_code)
            and team_groups.takes_new_cases

)

select * from final
