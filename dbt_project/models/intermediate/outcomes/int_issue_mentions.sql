-- One row per inbound utterance of a touched market day and issue that it is about.
{{ config(materialized='table', indexes=[{'columns': ['market_code', 'local_date_key']}]) }}

with

days as (

    select * from {{ ref('int_market_days_touched') }}

),

seen as (

    select * from {{ ref('int_market_days_seen') }}

),

interactions as (

    select * from {{ ref('fct_interactions') }}
    where direction = 'inbound' and not is_internal

),

interaction_issues as (

    select * from {{ ref('bridge_interaction_issues') }}

),

conversations as (

    select * from {{ ref('fct_conversations') }}

),

channels as (

    select * from {{ ref('dim_channel') }}

),

final as (

    select
        interactions.interaction_id,
        interactions.conversation_id,
        interactions.market_code,
        interactions.local_date_key,
        interactions.brand_code,
        channels.channel_family,
        -- "Any news?" is about what its conversation is about.
        coalesce(nullif(interaction_issues.product_code, 'unknown'), conversations.product_code) as product_code,
        coalesce(nullif(interaction_issues.issue_code, 'unknown'), conversations.issue_code) as issue_code,
        coalesce(interaction_issues.weight, 1)::numeric as weight,
        interactions.customer_id,
        -- A caller or complainant whom nobody knows is somebody else in each conversation.
        coalesce(nullif(interactions.author_key, 'unknown'), interactions.conversation_id) as speaker_key,
        interactions.sentiment_label,
        interactions.is_serviceable,
        interactions.published_at
    from days
    inner join seen
        on days.market_code = seen.market_code and days.local_date_key = seen.local_date_key
    inner join interactions
        on
            seen.source_conversation_id = interactions.source_conversation_id
            and seen.market_code = interactions.market_code
            and seen.local_date_key = interactions.local_date_key
    inner join conversations
        on interactions.conversation_id = conversations.conversation_id
    inner join channels
        on interactions.channel_code = channels.channel_code
    left join interaction_issues
        on interactions.interaction_id = interaction_issues.interaction_id

)

select * from final
