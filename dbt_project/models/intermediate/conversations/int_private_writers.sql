-- One row per touched conversation in which somebody wrote to us in private under a full name: these names.
{{ config(materialized='table', indexes=[{'columns': ['source_conversation_id'], 'unique': True}]) }}

with

interactions as (

    select * from {{ ref('int_interactions_threaded') }}

),

final as (

    select
        source_conversation_id,
        array_agg(distinct lower(author_name)) as names
    from interactions
    where
        direction = 'inbound'
        and visibility = 'private'
        -- A single word may be an ordinary word: "May I ask", "Will you".
        and author_name ~ '[[:alpha:]]{2}.*[[:space:]].*[[:alpha:]]{2}'
    group by source_conversation_id

)

select * from final
