-- One row per answered question of a survey: the comment is what the customer said.
with

answers as (

    select * from {{ ref('stg_surveys__answers') }}

),

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'surveys'

),

final as (

    select
        'surveys:' || answers._record_key as interaction_id,
        'surveys' as source,
        answers.account as source_account,
        answers._record_key as native_id,
        answers.conversation_native_id,
        'answer' as source_channel,
        'owned' as surface,
        'private' as visibility,
        false as is_internal,
        'inbound' as direction,
        'customer' as sender_kind,
        answers.customer_ref as author_native_id,
        answers.customer_ref as author_external_id,
        answers.answered_at as published_at,
        answers.answered_at as available_at,
        answers._extracted_at as extracted_at,
        answers.comment as text_plain,
        coalesce(answers.market_code, source_accounts.market_code) as market_code,
        coalesce(answers.brand_code, source_accounts.brand_code) as brand_code,
        -- Ratings are compared from one to five; how likely somebody is to recommend us is none.
        case
            when answers.metric = 'csat' and answers.scale_min = 1 and answers.scale_max = 5 then answers.score
        end as rating,
        jsonb_strip_nulls(jsonb_build_object(
            'metric', answers.metric,
            'score', answers.score,
            'scale_min', answers.scale_min,
            'scale_max', answers.scale_max,
            'about_conversation_id', answers.about_conversation_id,
            'claimed_at', nullif(answers.claimed_at, answers.answered_at)
        )) as source_attributes,
        {{ nulls_for(
            'in_reply_to_native_id', 'author_handle', 'author_name', 'author_email', 'author_phone', 'author_followers',
            'agent_native_id', 'edited_at', 'deleted_at', 'url', 'likes', 'shares', 'views'
        ) }}
    from answers
    left join source_accounts
        on answers.account = source_accounts.source_account

)

select * from final
