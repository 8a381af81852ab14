-- One row per public comment by somebody who was a customer when they wrote it.
with

comments as (

    select * from {{ ref('stg_zendesk__comments') }}
    where not is_internal

),

user_versions as (

    select * from {{ ref('stg_zendesk__user_versions') }}

),

final as (

    select
        comments.comment_id,
        comments.conversation_native_id
    from comments
    inner join user_versions
        on
            comments.author_id = user_versions.user_id
            and {{ during_version('comments.created_at', 'user_versions') }}
    where
        {{ zendesk_sender_kind('comments.via_channel', 'comments.author_id', 'user_versions.role') }} = 'customer'

)

select * from final
