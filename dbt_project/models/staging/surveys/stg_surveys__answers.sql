-- One row per answered question of a survey, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('surveys', 'answers') }}
),

-- Materialized, or each mention of a number or time below would parse its text again.
renamed as materialized (

    select
        source._record_key,
        {{ blank_to_null('answers.response_id') }} as conversation_native_id,
        lower({{ blank_to_null('answers.metric') }}) as metric,
        {{ to_number_or_null('answers.score') }} as claimed_score,
        {{ to_number_or_null('answers.scale_min') }} as scale_min,
        {{ to_number_or_null('answers.scale_max') }} as scale_max,
        {{ clean_text('answers.comment') }} as comment,
        lower({{ blank_to_null('answers.about_source') }}) as about_source,
        {{ blank_to_null('answers.about_id') }} as about_id,
        {{ blank_to_null('answers.account') }} as account,
        {{ blank_to_null('answers.customer_ref') }} as customer_ref,
        lower({{ blank_to_null('answers.market') }}) as market_code,
        lower({{ blank_to_null('answers.brand') }}) as brand_code,
        {{ to_timestamp_or_null('answers.answered_at') }} as claimed_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral {{ normalised_cells('source.payload') }} as normalised
    cross join lateral jsonb_to_record(normalised.payload) as answers (
        response_id text, metric text, score text, scale_min text, scale_max text, comment text, answered_at text,
        about_source text, about_id text, account text, customer_ref text, market text, brand text
    )

),

final as (

    select
        renamed.*,
        -- As fct_conversations names it.
        renamed.about_source || ':' || renamed.about_id as about_conversation_id,
        -- Without its scale a score says nothing, and outside of it something else.
        case
            when renamed.claimed_score between renamed.scale_min and renamed.scale_max then renamed.claimed_score
        end as score,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as answered_at
    from renamed

)

select * from final
