-- One row per touched conversation that another customer answered: the accepted answer, else the first, and its effect.
{{ config(materialized='table', indexes=[{'columns': ['conversation_id'], 'unique': True}]) }}

with

interactions as (

    select
        threaded.*,
        meanings.is_peer_answer,
        coalesce((threaded.source_attributes -> 'is_accepted_answer')::boolean, false) as is_marked_accepted
    from {{ ref('int_interactions_threaded') }} as threaded
    inner join {{ ref('int_interaction_meanings') }} as meanings
        on threaded.interaction_id = meanings.interaction_id
    where threaded.direction = 'inbound' and not threaded.is_internal

),

rules as (

    select * from {{ ref('peer_answer_rules') }}

),

-- A peer who has the same problem, or only sends the asker to the company, answers nothing, unless marked as accepted.
answers as (

    select distinct on (interactions.conversation_id)
        interactions.conversation_id,
        interactions.interaction_id,
        interactions.is_marked_accepted,
        interactions.published_at
    from interactions
    where
        interactions.thread_sender_kind = 'peer'
        and (interactions.is_peer_answer or interactions.is_marked_accepted)
        and not exists (
            select 1
            from rules
            where rules.said_by = 'peer' and {{ meets_peer_rule('interactions') }}
        )
    order by
        interactions.conversation_id asc, interactions.is_marked_accepted desc, interactions.published_at asc,
        length(interactions.interaction_id) asc, interactions.interaction_id asc

),

final as (

    select
        answers.conversation_id,
        answers.interaction_id,
        max(asked.views) filter (where asked.published_at <= answers.published_at) as question_views,
        -- A text of thanks may be deleted; a mark counts as long as it is set.
        answers.is_marked_accepted
        or (
            coalesce(bool_or(rules.meaning = 'thanked'), false)
            and not coalesce(bool_or(rules.meaning = 'not_helped'), false)
        ) as is_thanked,
        coalesce(bool_or(rules.meaning = 'fixed_by_staff'), false) as is_fixed_by_staff
    from answers
    inner join interactions as asked
        on answers.conversation_id = asked.conversation_id and asked.thread_sender_kind = 'customer'
    left join rules
        on
            rules.said_by = 'asker'
            and answers.published_at < asked.published_at
            and {{ meets_peer_rule('asked') }}
    group by
        answers.conversation_id, answers.interaction_id, answers.is_marked_accepted, answers.published_at

)

select * from final
