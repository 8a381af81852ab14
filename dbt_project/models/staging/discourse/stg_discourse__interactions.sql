-- One row per Discourse post, in its newest version.
with

posts as (

    select * from {{ ref('stg_discourse__posts') }}

),

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'discourse'

),

final as (

    select
        'discourse:' || posts.post_id as interaction_id,
        'discourse' as source,
        forums.source_account,
        posts.post_id as native_id,
        posts.conversation_native_id,
        answered.post_id as in_reply_to_native_id,
        'post' as source_channel,
        case when forums.source_account is null then 'earned' else 'owned' end as surface,
        case when posts.is_hidden then 'private' else 'public' end as visibility,
        false as is_internal,
        case when authors.kind = 'customer' then 'inbound' else 'outbound' end as direction,
        authors.kind as sender_kind,
        posts.user_id as author_native_id,
        posts.author_handle,
        posts.author_name,
        case when authors.kind = 'agent' then posts.user_id end as agent_native_id,
        posts.published_at,
        posts.published_at as available_at,
        posts._extracted_at as extracted_at,
        posts.edited_at,
        posts.deleted_at,
        posts.text_plain,
        forums.market_code,
        forums.brand_code,
        posts.url,
        posts.likes,
        posts.views,
        jsonb_strip_nulls(jsonb_build_object(
            'is_accepted_answer', nullif(posts.is_accepted_answer, false),
            'is_held', nullif(posts.is_hidden, false)
        )) as source_attributes,
        {{ nulls_for('author_email', 'author_phone', 'author_external_id', 'author_followers', 'rating', 'shares') }}
    from posts
    left join source_accounts as forums
        on posts.site = forums.source_account
    left join source_accounts as employees
        on '@' || posts.author_group = employees.source_account
    -- What answers no post in particular answers the topic's first. A number is reused once its post was moved away
    -- or removed for good, of which we may never read: the last one before counts.
    left join
        lateral (
            select numbered.post_id
            from {{ ref('stg_discourse__posts') }} as numbered
            where
                numbered.site = posts.site
                and numbered.conversation_native_id = posts.conversation_native_id
                and numbered.post_number = coalesce(posts.replied_to_post_number, '1')
                and numbered.post_id <> posts.post_id
            order by
                (numbered.published_at > posts.published_at) asc, numbered.published_at desc, numbered.post_id desc
            limit 1
        ) as answered
        on true
    cross join
        lateral (
            values (
                case
                    -- Discourse's own accounts have numbers below nought.
                    when posts.user_id like '-%' then 'system'
                    when posts.is_by_staff or employees.source_account is not null then 'agent'
                    else 'customer'
                end
            )
        ) as authors (kind)

)

select * from final
