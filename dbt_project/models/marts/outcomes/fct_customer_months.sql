-- One row per customer and local month in which they spoke: their mood, and how handling changed it.
{{
    config(
        materialized='incremental',
        unique_key='customer_id',
        meta={'changed_keys': 'int_contact_owners_touched'},
        indexes=[{'columns': ['customer_month_key'], 'unique': True}, {'columns': ['customer_id']}]
    )
}}

with

messages as (

    select
        interactions.customer_id,
        interactions.conversation_id,
        date_trunc('month', interactions.local_date_key)::date as month_start_date,
        interactions.sentiment_label,
        interactions.care_compound::numeric as compound,
        case interactions.sender_kind when 'customer' then interactions.published_at > conversations.first_reply_at end
            as is_after_reply
    from {{ ref('int_contact_owners_touched') }} as owners
    inner join {{ ref('int_contact_owners_seen') }} as seen
        on owners.contact_owner_key = seen.contact_owner_key
    inner join {{ ref('fct_interactions') }} as interactions
        on
            seen.source_conversation_id = interactions.source_conversation_id
            and owners.customer_id = interactions.customer_id
            and interactions.direction = 'inbound'
    inner join {{ ref('fct_conversations') }} as conversations
        on interactions.conversation_id = conversations.conversation_id

),

-- A conversation belongs to the month of its first message; both sentiments must be of its own customer, not of a peer.
handled as (

    select
        customer_id,
        min(month_start_date) as month_start_date,
        0 as message_count,
        null as sentiment_label,
        null::numeric as compound,
        avg(compound) filter (where not is_after_reply) as sentiment_before,
        avg(compound) filter (where is_after_reply) as sentiment_after
    from messages
    group by customer_id, conversation_id
    having count(distinct is_after_reply) filter (where compound is not null) = 2

),

-- Both kinds together, because for a join of two sums with unknown keys the planner compares all with all.
parts as (

    select
        customer_id,
        month_start_date,
        1 as message_count,
        sentiment_label,
        compound,
        null::numeric as sentiment_before,
        null::numeric as sentiment_after
    from messages
    union all
    select * from handled

),

months as (

    select
        customer_id,
        month_start_date,
        sum(message_count)::integer as message_count,
        count(sentiment_label)::integer as scored_count,
        count(*) filter (where sentiment_label = 'positive')::integer as positive_count,
        count(*) filter (where sentiment_label = 'negative')::integer as negative_count,
        avg(compound) as mean_sentiment,
        count(sentiment_before)::integer as handled_count,
        count(*) filter (where sentiment_after > sentiment_before)::integer as improved_count,
        count(*) filter (where sentiment_after < sentiment_before)::integer as worsened_count,
        avg(sentiment_before) as sentiment_before,
        avg(sentiment_after) as sentiment_after
    from parts
    group by customer_id, month_start_date

),

stances as (

    select
        months.*,
        case
            when months.scored_count < (select max(rules.minimum_scored) from {{ ref('advocacy_rules') }} as rules)
                then null
            else coalesce(
                (
                    select case when count(*) = 1 then min(rules.stance) end from {{ ref('advocacy_rules') }} as rules
                    where
                        case rules.stance when 'advocate' then months.positive_count else months.negative_count end
                        >= rules.minimum_share * months.scored_count
                        and case rules.stance when 'advocate' then months.negative_count else months.positive_count end
                        <= rules.maximum_opposite_share * months.scored_count
                ), 'neither'
            )
        end as stance
    from months

),

final as (

    select
        customer_id || ':' || month_start_date as customer_month_key,
        customer_id,
        month_start_date,
        stance,
        lag(stance) over (partition by customer_id order by month_start_date) as previous_stance,
        {% for count in ['message', 'scored', 'positive', 'negative', 'handled', 'improved', 'worsened'] -%}
            {{ count }}_count,
        {% endfor -%}
        round(mean_sentiment, 4) as mean_sentiment,
        round(sentiment_before, 4) as mean_sentiment_before_reply,
        round(sentiment_after, 4) as mean_sentiment_after_reply
    from stances

)

select * from final
