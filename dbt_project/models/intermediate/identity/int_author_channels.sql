-- One row per pending author, with the channel on which they spoke last.
{{ config(materialized='table') }}

with

authors as (

    select * from {{ ref('int_authors_pending') }}

),

interactions as (

    select * from {{ ref('int_interactions') }}

),

final as (

    select distinct on (authors.source, authors.author_native_id)
        authors.source,
        authors.author_native_id,
        coalesce(channel_codes.channel_code, 'unknown') as channel_code
    from authors
    inner join interactions
        on authors.source = interactions.source and authors.author_native_id = interactions.author_native_id
    left join {{ ref('channel_codes') }} as channel_codes
        on interactions.source = channel_codes.source and interactions.source_channel = channel_codes.source_channel
    where interactions.direction = 'inbound'
    order by
        authors.source asc, authors.author_native_id asc,
        interactions.published_at desc, interactions.interaction_id desc

)

select * from final
