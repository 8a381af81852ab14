-- One row per utterance of a touched conversation that is made of reply chains, with the thread it belongs to.
{{ config(materialized='table', indexes=[{'columns': ['interaction_id'], 'unique': True}]) }}

with recursive

links as not materialized (

    select * from {{ ref('int_reply_links') }}

),

-- From each backward link up its chain; UNION ends the climb where it meets itself.
climbs as (

    select
        interaction_id as start_id,
        parent_interaction_id as reached_id
    from links
    where is_backward
    union
    select
        climbs.start_id,
        next_link.parent_interaction_id as reached_id
    from climbs
    cross join
        lateral (
            select above.parent_interaction_id
            from {{ ref('int_reply_links') }} as above
            where above.interaction_id = climbs.reached_id
        ) as next_link
    where climbs.start_id <> climbs.reached_id and next_link.parent_interaction_id is not null

),

-- A cycle is cut at its backward links: each of them starts a thread.
cycle_cuts as (

    select start_id as interaction_id from climbs
    where start_id = reached_id

),

chain as (

    select
        interaction_id,
        interaction_id as conversation_id,
        case when is_inbound then author_native_id end as opener_native_id,
        case when is_inbound then author_native_id end as last_customer_native_id,
        is_inbound as has_customer
    from links
    where parent_interaction_id is null or interaction_id in (select cycle_cuts.interaction_id from cycle_cuts)
    union all
    -- A customer who answers a post of ours outside any thread opens a thread; every other message inherits one.
    select
        child.interaction_id,
        case when child.is_inbound and not chain.has_customer then child.interaction_id else chain.conversation_id end,
        case
            when child.is_inbound and not chain.has_customer then child.author_native_id else chain.opener_native_id
        end,
        case when child.is_inbound then child.author_native_id else chain.last_customer_native_id end,
        chain.has_customer or child.is_inbound
    from chain
    cross join
        lateral (
            select
                below.interaction_id,
                below.author_native_id,
                below.is_inbound
            from {{ ref('int_reply_links') }} as below
            where below.parent_interaction_id = chain.interaction_id
            -- LIMIT keeps one index look-up per utterance: hashing all links again at each depth would be quadratic.
            limit all -- noqa: AM09
        ) as child
    where child.interaction_id not in (select cycle_cuts.interaction_id from cycle_cuts)

),

final as (

    select
        interaction_id,
        conversation_id,
        opener_native_id,
        last_customer_native_id
    from chain

)

select * from final
