-- One row per post of one of our accounts that was sent without its author, with that account's newest version.
with

users as (

    select * from {{ ref('stg_x__users') }}

),

posts as (

    select * from {{ ref('stg_x__posts') }}

),

final as (

    select
        posts.conversation_native_id,
        users._load_id
    from users
    inner join posts
        on users.user_id = posts.author_native_id and posts.author_handle is null

)

select * from final
