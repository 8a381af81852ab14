-- One row per ticket in which a user wrote, and version of that user, because a new version may change who spoke.
with

-- A reader wants those of a few loads.
user_versions as not materialized (

    select * from {{ ref('stg_zendesk__user_versions') }}

),

comments as (

    select * from {{ ref('stg_zendesk__comments') }}

),

final as (

    select
        comments.conversation_native_id,
        user_versions._load_id
    from user_versions
    inner join comments
        on user_versions.user_id = comments.author_id

)

select * from final
