-- One row per review or reply, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('reviews', 'reviews') }}
),

-- Materialized, or each mention of a number or time below would parse its text again.
renamed as materialized (

    select
        source._record_key,
        coalesce(source.payload ->> '_review_key', source._record_key) as conversation_native_id,
        coalesce(source.payload ->> '_part' = 'reply', false) as is_reply,
        lower({{ blank_to_null('reviews.channel') }}) as channel,
        {{ blank_to_null('reviews.account') }} as account,
        {{ blank_to_null('reviews.author_id') }} as author_id,
        {{ clean_text('reviews.author_name') }} as author_name,
        -- A review's row holds its reply too.
        case
            when source.payload ->> '_part' = 'reply' then {{ clean_text('reviews.reply') }}
            else {{ clean_text("concat_ws(E'\\n', nullif(reviews.title, ''), reviews.text)") }}
        end as text_plain,
        {{ blank_to_null('reviews.url') }} as url,
        lower({{ blank_to_null('reviews.market') }}) as market_code,
        lower({{ blank_to_null('reviews.brand') }}) as brand_code,
        {{ to_number_or_null('reviews.score') }} as claimed_score,
        {{ to_number_or_null('reviews.scale_min') }} as scale_min,
        {{ to_number_or_null('reviews.scale_max') }} as scale_max,
        case
            when source.payload ->> '_part' = 'reply' then {{ to_timestamp_or_null('reviews.replied_at') }}
            else {{ to_timestamp_or_null('reviews.reviewed_at') }}
        end as claimed_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral {{ normalised_cells('source.payload') }} as normalised
    cross join lateral jsonb_to_record(normalised.payload) as reviews (
        channel text, account text, author_id text, author_name text, title text, text text, reply text,
        url text, market text, brand text, score text, scale_min text, scale_max text, reviewed_at text, replied_at text
    )

),

final as (

    select
        renamed.*,
        -- Without its scale a score says nothing, and outside of it something else.
        case
            when
                renamed.claimed_score between renamed.scale_min and renamed.scale_max
                and renamed.scale_min < renamed.scale_max
                then renamed.claimed_score
        end as score,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as said_at
    from renamed

)

select * from final
