-- One row per moment that starts or ends a customer's wait in a touched conversation: a message, a reply, a closure.
{{ config(materialized='table', indexes=[{'columns': ['conversation_id']}]) }}

{%- set in_order = 'order by occurred_at, instant_rank, length(moment_id), moment_id' %}

with

weighed as (

    select
        wait_moments.*,
        wait_moments.moment_kind = 'question' and meanings.interaction_id is not null as is_courtesy
    from {{ ref('int_wait_moments') }} as wait_moments
    left join {{ ref('int_interaction_meanings') }} as meanings
        on
            wait_moments.interaction_id = meanings.interaction_id
            and meanings.contact_type_code = 'courtesy'
            and not meanings.is_serviceable

),

-- Few conversations contain anything deleted.
told as (

    select
        *,
        -- When the last question of the current wait was deleted, if all of them were. Thanks ask for nothing.
        coalesce(
            max(coalesce(deleted_at, 'infinity')) filter (where not is_courtesy) over waits,
            max(coalesce(deleted_at, 'infinity')) over waits
        ) as emptied_at,
        coalesce(lead(occurred_at) over waits, 'infinity') as next_at
    from weighed
    where
        conversation_id in (
            select known.conversation_id from weighed as known
            where known.deleted_at is not null
        )
    window waits as (partition by conversation_id, wait_number {{ in_order }})

),

-- A customer who deletes everything that they asked has left, like a caller who hangs up.
moments as (

    select
        *,
        false as is_taken_back
    from weighed
    union all
    select
        source_conversation_id,
        conversation_id,
        moment_id || ':deleted' as moment_id,
        null as interaction_id,
        null as agent_native_id,
        'abandonment' as moment_kind,
        6 as instant_rank,
        null as visibility,
        greatest(occurred_at, emptied_at) as occurred_at,
        null as available_at,
        null as deleted_at,
        wait_number,
        false as is_courtesy,
        true as is_taken_back
    from told
    where
        moment_kind = 'question'
        and greatest(occurred_at, emptied_at) < next_at
        -- Thanks after the last open question was deleted took nothing back.
        and (not is_courtesy or emptied_at >= occurred_at)

),

numbered as (

    select
        *,
        wait_number + count(*) filter (where is_taken_back) over (
            partition by conversation_id {{ in_order }} rows between unbounded preceding and 1 preceding
        ) as number_of_wait
    from moments

),

placed as (

    select
        *,
        min(number_of_wait) filter (where moment_kind = 'question') over (partition by conversation_id)
            as first_number_of_wait,
        bool_or(moment_kind = 'question' and not is_courtesy) over (partition by conversation_id) as is_asking,
        min(occurred_at) filter (where moment_kind = 'merge') over (partition by conversation_id) as merged_at,
        coalesce(bool_or(moment_kind = 'question' and not is_courtesy) over wait_before, false) as is_within_wait
    from numbered
    window
        wait_before as (
            partition by conversation_id, number_of_wait {{ in_order }} rows between unbounded preceding and 1 preceding
        )

),

final as (

    select
        source_conversation_id,
        conversation_id,
        moment_id,
        interaction_id,
        agent_native_id,
        moment_kind,
        visibility,
        occurred_at,
        available_at,
        number_of_wait as wait_number
    from placed
    where
        -- Thanks after an answer or a closure, or for a message that the company sent first, ask for nothing; while a
        -- question is open, they belong to its wait. People who say nothing else say them first.
        (
            not is_courtesy
            or is_within_wait
            or (number_of_wait = first_number_of_wait and (number_of_wait = 0 or not is_asking))
        )
        -- A message after a merge is asked and answered in the case that remains.
        and (merged_at is null or occurred_at < merged_at or (occurred_at = merged_at and moment_kind = 'merge'))

)

select * from final
