-- A case with dated statuses has one episode more than it was reopened, unless it was deleted and restored meanwhile.
with

counted as (

    select
        conversation_id,
        count(*) as episode_count,
        bool_or(outcome = 'deleted') as has_been_deleted
    from {{ ref('fct_episodes') }}
    group by conversation_id

)

select conversations.conversation_id
from {{ ref('fct_conversations') }} as conversations
inner join counted
    on conversations.conversation_id = counted.conversation_id
where counted.episode_count <> conversations.reopened_count + 1 and not counted.has_been_deleted
