-- One row per customer in the CRM, as they are now: value, open cases, stance and last contact.
{{ config(materialized='view') }}

with

customers as (

    select * from {{ ref('dim_customer') }}
    where is_current and customer_key not in ('unknown', 'not_applicable')

),

conversations as (

    select
        customer_id,
        count(*) as conversation_count,
        count(*) filter (where is_open and not is_merged and not is_deleted) as open_case_count,
        count(distinct channel_code) as channel_count,
        min(opened_at) as first_contact_at,
        max(last_message_at) as last_message_at
    from {{ ref('fct_conversations') }}
    where customer_id is not null
    group by customer_id

),

accounts as (

    select
        customer_id,
        count(*) as account_count,
        min(confidence) as least_identity_confidence
    from {{ ref('bridge_customer_identities') }}
    where is_current
    group by customer_id

),

moods as (

    select distinct on (customer_id) -- the last month
        customer_id,
        month_start_date,
        stance,
        previous_stance,
        mean_sentiment
    from {{ ref('fct_customer_months') }}
    order by customer_id asc, month_start_date desc

),

final as (

    select
        customers.customer_id,
        customers.customer_key,
        customers.account_id,
        customers.market_code,
        customers.segment,
        customers.tier,
        customers.status,
        customers.industry,
        moods.stance,
        moods.previous_stance,
        customers.lifetime_value_usd,
        coalesce(conversations.conversation_count, 0) as conversation_count,
        coalesce(conversations.open_case_count, 0) as open_case_count,
        coalesce(conversations.channel_count, 0) as channel_count,
        coalesce(accounts.account_count, 0) as account_count,
        accounts.least_identity_confidence,
        moods.mean_sentiment as last_month_mean_sentiment,
        moods.month_start_date as last_month_start_date,
        customers.customer_since,
        conversations.first_contact_at,
        conversations.last_message_at
    from customers
    left join conversations
        on customers.customer_id = conversations.customer_id
    left join accounts
        on customers.customer_id = accounts.customer_id
    left join moods
        on customers.customer_id = moods.customer_id

)

select * from final
