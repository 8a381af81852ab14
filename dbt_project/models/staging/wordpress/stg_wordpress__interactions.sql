-- One row per WordPress post or comment, in its newest version.
with

posts as not materialized (

    select * from {{ ref('stg_wordpress__posts') }}

),

comments as (

    select * from {{ ref('stg_wordpress__comments') }}
),

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'wordpress'

),

writers as (

    select user_id from posts
    group by user_id

),

said as (

    select
        post_key as native_id,
        conversation_native_id,
        null::text as in_reply_to_native_id,
        'post' as source_channel,
        true as is_public,
        true as is_by_writer,
        site,
        user_id,
        false as is_spam,
        null::text as author_name,
        null::text as author_email,
        text_plain,
        url,
        published_at,
        edited_at,
        deleted_at,
        _extracted_at
    from posts
    union all
    select
        comments.comment_key,
        comments.conversation_native_id,
        coalesce(comments.replied_to_comment_key, comments.conversation_native_id),
        'comment',
        coalesce(comments.status not in ('hold', 'spam'), true),
        writers.user_id is not null,
        comments.site,
        comments.user_id,
        coalesce(comments.status = 'spam', false),
        comments.author_name,
        comments.author_email,
        comments.text_plain,
        comments.url,
        comments.published_at,
        null,
        comments.deleted_at,
        comments._extracted_at
    from comments
    left join writers
        on comments.user_id = writers.user_id

),

final as (

    select
        'wordpress:' || said.native_id as interaction_id,
        'wordpress' as source,
        source_accounts.source_account,
        said.native_id,
        said.conversation_native_id,
        said.in_reply_to_native_id,
        said.source_channel,
        case when source_accounts.source_account is null then 'earned' else 'owned' end as surface,
        case when said.is_public then 'public' else 'private' end as visibility,
        false as is_internal,
        case when authors.is_ours then 'outbound' else 'inbound' end as direction,
        case
            when authors.is_ours then 'agent'
            -- Spam is nobody's word to the company.
            when said.is_spam then 'bot'
            else 'customer'
        end as sender_kind,
        -- Guests have no account, and are known by the address that they leave.
        coalesce('user/' || said.user_id, said.author_email) as author_native_id,
        said.author_name,
        case when not authors.is_ours and not said.is_spam then said.author_email end as author_email,
        case when authors.is_ours then 'user/' || said.user_id end as agent_native_id,
        said.published_at,
        said.published_at as available_at,
        said._extracted_at as extracted_at,
        said.edited_at,
        said.deleted_at,
        said.text_plain,
        source_accounts.market_code,
        source_accounts.brand_code,
        said.url,
        case when said.is_public then '{}'::jsonb else '{"is_held": true}'::jsonb end as source_attributes,
        {{ nulls_for(
            'author_handle', 'author_phone', 'author_external_id', 'author_followers', 'rating', 'likes', 'shares',
            'views'
        ) }}
    from said
    left join source_accounts
        on said.site = source_accounts.source_account
    cross join
        lateral (values (source_accounts.source_account is not null and said.is_by_writer)) as authors (is_ours)

)

select * from final
