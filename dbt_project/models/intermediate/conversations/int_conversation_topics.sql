-- One row per touched conversation in which a customer wrote: its topic, from the first serviceable message with one.
{{ config(materialized='table', indexes=[{'columns': ['conversation_id'], 'unique': True}]) }}

with

interactions as (

    select * from {{ ref('int_interactions_threaded') }}
    where direction = 'inbound' and thread_sender_kind in ('customer', 'unknown')

),

-- Messages that ask for service come before others, whichever was first.
meanings as (

    select
        meanings.*,
        case when meanings.contact_type_code <> 'unknown' then meanings.contact_type_code end as known_type_code,
        meanings.issue_code <> 'unknown' or meanings.product_code <> 'unknown' as has_topic,
        row_number() over (
            partition by interactions.conversation_id
            order by
                coalesce(not meanings.is_serviceable, true),
                interactions.published_at,
                length(interactions.interaction_id),
                interactions.interaction_id
        ) as message_rank
    from interactions
    inner join {{ ref('int_interaction_meanings') }} as meanings
        on interactions.interaction_id = meanings.interaction_id

),

final as (

    select
        conversation_id,
        min(source_conversation_id) as source_conversation_id,
        -- A "thanks" beside an undecided message does not mean that nothing was asked.
        case when bool_or(is_serviceable) then true when bool_and(is_serviceable is not null) then false end
            as is_serviceable,
        coalesce(
            (array_agg(known_type_code order by message_rank) filter (where known_type_code is not null))[1], 'unknown'
        ) as contact_type_code,
        coalesce((array_agg(product_code order by message_rank) filter (where has_topic))[1], 'unknown')
            as product_code,
        coalesce((array_agg(issue_code order by message_rank) filter (where has_topic))[1], 'unknown') as issue_code
    from meanings
    group by conversation_id

)

select * from final
