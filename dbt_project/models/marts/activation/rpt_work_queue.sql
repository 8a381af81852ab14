-- One row per conversation that waits for the company at the time of the run: what to do next, in order, by whom.
with

joined as (

    select
        waiting.*,
        extract(epoch from waiting.due_at - waiting.as_of)::bigint as seconds_to_breach,
        authors.influence_score,
        customers.tier as customer_tier,
        customers.lifetime_value_usd,
        routes.routing_rule_id,
        routes.team_code,
        routes.action
    from {{ ref('fct_waiting_conversations') }} as waiting
    inner join {{ ref('int_routing_matches') }} as routes
        on
            waiting.contact_type_code = routes.contact_type_code
            and waiting.issue_code = routes.issue_code
            and waiting.market_code = routes.market_code
            and {{ routing_language('waiting.language') }} = routes.language
    left join {{ ref('dim_author') }} as authors
        on waiting.author_key = authors.author_key
    left join {{ ref('dim_customer') }} as customers
        on waiting.customer_id = customers.customer_id and customers.is_current

),

weighed as (

    select
        *,
        {{ queue_points('time_to_breach', '1 - seconds_to_breach / weights.full_at') }} as time_to_breach_points,
        {{ queue_points('sentiment', '-last_customer_sentiment / weights.full_at') }} as sentiment_points,
        {{ queue_points('influence', 'influence_score / weights.full_at') }} as influence_points,
        {{ queue_points(
            'customer_value',
            'ln(1 + lifetime_value_usd * (lifetime_value_usd > 0)::integer) / ln(1 + weights.full_at)'
        ) }} as customer_value_points
    from joined

),

-- What is unknown earns no points, and stays NULL in its own column.
scored as (

    select
        *,
        coalesce(time_to_breach_points, 0) + coalesce(sentiment_points, 0) + coalesce(influence_points, 0)
        + coalesce(customer_value_points, 0) as priority_points
    from weighed

),

final as (

    select
        conversation_id,
        row_number() over (
            order by priority_points desc, due_at asc nulls last, waiting_since asc, conversation_id asc
        )::integer as queue_position,
        waits_for,
        source,
        channel_code,
        market_code,
        brand_code,
        author_key,
        customer_key,
        contact_type_code,
        issue_code,
        product_code,
        language,
        visibility,
        customer_tier,
        status,
        sla_policy_key,
        sla_event_id,
        response_gap_id,
        last_interaction_id,
        routing_rule_id,
        team_code,
        action,
        text_excerpt,
        priority_points,
        time_to_breach_points,
        sentiment_points,
        influence_points,
        customer_value_points,
        seconds_to_breach,
        last_customer_sentiment,
        influence_score,
        lifetime_value_usd,
        unanswered_message_count,
        coalesce(seconds_to_breach < 0, false) as is_overdue,
        is_serviceable,
        waiting_since,
        due_at,
        as_of
    from scored

)

select * from final
