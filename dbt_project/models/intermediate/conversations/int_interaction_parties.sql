-- One row per utterance of a touched conversation, with the keys of its days, author, agent and customer.
{{ config(materialized='table', indexes=[{'columns': ['interaction_id'], 'unique': True}]) }}

with

interactions as (

    select * from {{ ref('int_interactions_threaded') }}

),

authors as (

    select * from {{ ref('int_author_customers') }}

),

agents as (

    select * from {{ ref('int_agent_versions') }}

),

customers as (

    select * from {{ ref('int_customer_versions') }}

),

markets as (

    select * from {{ ref('markets') }}

),

final as (

    select
        interactions.interaction_id,
        -- A message by staff has a staff member instead of an author; only inbound messages have an author and a
        -- customer.
        case
            when interactions.direction = 'outbound' then 'not_applicable'
            else coalesce(authors.author_key, 'unknown')
        end as author_key,
        case
            when agents.agent_key is not null then agents.agent_key
            when interactions.thread_sender_kind = 'agent' then 'unknown'
            else 'not_applicable'
        end as agent_key,
        case
            when interactions.direction = 'outbound' then 'not_applicable'
            else coalesce(customers.customer_key, 'unknown')
        end as customer_key,
        case when interactions.direction = 'inbound' then customers.customer_id end as customer_id,
        (interactions.published_at at time zone 'UTC')::date as date_key,
        (interactions.published_at at time zone coalesce(markets.timezone, 'UTC'))::date as local_date_key
    from interactions
    left join authors
        on
            interactions.source = authors.source
            and interactions.author_native_id = authors.author_native_id
            and interactions.direction = 'inbound'
    left join agents
        on
            interactions.source || ':' || interactions.agent_native_id = agents.agent_id
            and {{ during_version('interactions.published_at', 'agents') }}
            and interactions.thread_sender_kind <> 'bot'
    left join customers
        on
            authors.customer_id = customers.customer_id
            and {{ during_version('interactions.published_at', 'customers') }}
    left join markets
        on interactions.market_key = markets.market_code

)

select * from final
