-- One row per moment that starts or ends a customer's wait in a touched conversation: a message, a reply, a closure.
{{ config(materialized='table', indexes=[{'columns': ['conversation_id']}]) }}

{%- set in_order = 'order by occurred_at, instant_rank, length(moment_id), moment_id' %}

with

wait_moments as (

    select * from {{ ref('int_wait_moments') }}

),

-- Few conversations hold anything deleted.
told as (

    select
        *,
        -- When the last message of the wait so far was deleted, if all of them were.
        greatest(occurred_at, max(coalesce(deleted_at, 'infinity')) over waits) as taken_back_at,
        coalesce(lead(occurred_at) over waits, 'infinity') as next_at
    from wait_moments
    where
        conversation_id in (
            select known.conversation_id from wait_moments as known
            where known.deleted_at is not null
        )
    window waits as (partition by conversation_id, wait_number {{ in_order }})

),

-- Whoever takes back all that they asked has left, like a caller who hangs up.
moments as (

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
        wait_number,
        false as is_taken_back
    from wait_moments
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
        taken_back_at as occurred_at,
        null as available_at,
        wait_number,
        true as is_taken_back
    from told
    where moment_kind = 'question' and taken_back_at < next_at

),

weighed as (

    select
        moments.*,
        moments.moment_kind = 'question' and meanings.interaction_id is not null as is_courtesy
    from moments
    left join {{ ref('int_interaction_meanings') }} as meanings
        on
            moments.interaction_id = meanings.interaction_id
            and meanings.contact_type_code = 'courtesy'
            and not meanings.is_serviceable

),

numbered as (

    select
        *,
        wait_number + count(*) filter (where is_taken_back) over (
            partition by conversation_id {{ in_order }} rows between unbounded preceding and 1 preceding
        ) as number_of_wait
    from weighed

),

placed as (

    select
        *,
        min(number_of_wait) filter (where moment_kind = 'question') over (partition by conversation_id)
            as first_number_of_wait,
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
        instant_rank,
        visibility,
        occurred_at,
        available_at,
        number_of_wait as wait_number,
        merged_at
    from placed
    -- Thanks after an answer or a closure ask for nothing; while something is unanswered they are part of that wait.
    where not is_courtesy or is_within_wait or number_of_wait = first_number_of_wait

)

select * from final
