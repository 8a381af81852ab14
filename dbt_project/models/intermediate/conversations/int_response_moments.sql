-- One row per moment that starts or ends a customer's wait in a touched conversation: a message, a reply, a closure.
{{ config(materialized='table', indexes=[{'columns': ['conversation_id']}]) }}

with

moments as (

    select * from {{ ref('int_wait_moments') }}

),

meanings as (

    select * from {{ ref('int_interaction_meanings') }}

),

weighed as (

    select
        moments.*,
        coalesce(
            moments.moment_kind = 'question'
            and meanings.contact_type_code = 'courtesy'
            and not meanings.is_serviceable, false
        ) as is_courtesy
    from moments
    left join meanings
        on moments.interaction_id = meanings.interaction_id

),

placed as (

    select
        weighed.*,
        min(weighed.wait_number) filter (where weighed.moment_kind = 'question')
            over (partition by weighed.conversation_id) as first_wait_number,
        coalesce(
            bool_or(weighed.moment_kind = 'question' and not weighed.is_courtesy) over (
                partition by weighed.conversation_id, weighed.wait_number
                order by weighed.occurred_at, weighed.instant_rank, length(weighed.moment_id), weighed.moment_id
                rows between unbounded preceding and 1 preceding
            ), false
        ) as is_within_wait
    from weighed

),

final as (

    select
        source_conversation_id,
        conversation_id,
        moment_id,
        interaction_id,
        agent_native_id,
        moment_kind,
        instant_rank,
        visibility,
        occurred_at,
        available_at,
        wait_number
    from placed
    -- Thanks after an answer or a closure ask for nothing; while something is unanswered they are part of that wait.
    where not is_courtesy or is_within_wait or wait_number = first_wait_number

)

select * from final
