-- One row per question or answer, in its newest version.
with

posts as not materialized (

    select * from {{ ref('stg_stackexchange__posts') }}

),

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'stackexchange'

),

questions as (

    select
        _record_key,
        accepted_answer_key
    from posts
    where not is_answer

),

final as (

    select
        'stackexchange:' || posts._record_key as interaction_id,
        'stackexchange' as source,
        sites.source_account,
        posts._record_key as native_id,
        posts.conversation_native_id,
        case when posts.is_answer then nullif(posts.conversation_native_id, posts._record_key) end
            as in_reply_to_native_id,
        case when posts.is_answer then 'answer' else 'question' end as source_channel,
        'earned' as surface,
        'public' as visibility,
        false as is_internal,
        case when employees.source_account is null then 'inbound' else 'outbound' end as direction,
        case when employees.source_account is null then 'customer' else 'agent' end as sender_kind,
        posts.author_key as author_native_id,
        posts.author_name,
        case when employees.source_account is not null then posts.author_key end as agent_native_id,
        posts.published_at,
        posts.published_at as available_at,
        posts._extracted_at as extracted_at,
        posts.edited_at,
        posts.text_plain,
        sites.market_code,
        sites.brand_code,
        'https://' || posts.site || case when posts.is_answer then '/a/' else '/q/' end || posts.post_id as url,
        posts.likes,
        posts.views,
        -- The site belongs to others, and whoever asks there asks everybody.
        jsonb_strip_nulls(jsonb_build_object(
            'is_accepted_answer', case when posts._record_key = questions.accepted_answer_key then true end,
            'is_found', case when employees.source_account is null then true end
        )) as source_attributes,
        {{ nulls_for(
            'author_handle', 'author_email', 'author_phone', 'author_external_id', 'author_followers', 'deleted_at',
            'rating', 'shares'
        ) }}
    from posts
    -- Which answer was accepted stands in the question.
    left join questions
        on posts.conversation_native_id = questions._record_key and posts.is_answer
    left join source_accounts as sites
        on posts.site = sites.source_account
    left join source_accounts as employees
        on posts.author_key = employees.source_account

)

select * from final
