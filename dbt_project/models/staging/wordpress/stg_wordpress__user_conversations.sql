-- One row per comment and version of a post by its author: all comments of an author of posts count as staff's.
with

posts as (

    select * from {{ ref('stg_wordpress__posts') }}

),

-- Former authors of a post too: they may have written no other.
versions as (

    select
        _record_key,
        payload ->> 'author' as user_id
    from {{ source('wordpress', 'posts') }}

),

comments as (

    select * from {{ ref('stg_wordpress__comments') }}

),

final as (

    select
        comments.conversation_native_id,
        posts._load_id
    from posts
    inner join versions
        on posts._record_key = versions._record_key
    inner join comments
        on versions.user_id = comments.user_id

)

select * from final
