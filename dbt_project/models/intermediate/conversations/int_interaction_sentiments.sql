-- One row per utterance of a touched conversation, with the language and sentiment of its text.
{{ config(materialized='table', indexes=[{'columns': ['interaction_id'], 'unique': True}]) }}

with

interactions as (

    select
        threaded.interaction_id,
        threaded.rating,
        {{ text_key_of('threaded') }} as text_key,
        -- What others said first, and what a machine says to the company, is nobody's mood.
        case
            when {{ is_repost('threaded') }} then 'repost'
            when threaded.direction = 'inbound' and threaded.thread_sender_kind in ('bot', 'system')
                then threaded.thread_sender_kind
        end as moodless_reason
    from {{ ref('int_interactions_threaded') }} as threaded

),

scores as (

    select * from {{ ref('stg_enriched__text_sentiments') }}

),

labels as (

    select
        label,
        lower_bound,
        lead(lower_bound) over (order by lower_bound) as next_lower_bound,
        rating_lower_bound,
        lead(rating_lower_bound) over (order by rating_lower_bound) as next_rating_lower_bound
    from {{ ref('sentiment_thresholds') }}

),

final as (

    select
        interactions.interaction_id,
        scores.language,
        labels.label as sentiment_label,
        case
            when labels.label is null then null
            when interactions.rating is null then 'lexicon'
            else 'rating'
        end as sentiment_source,
        case
            when interactions.moodless_reason is not null then interactions.moodless_reason
            when scores.compound is not null then null
            when interactions.text_key is null then 'no_text'
            else coalesce(scores.unscored_reason, 'not_scored_yet')
        end as sentiment_unscored_reason,
        case when interactions.moodless_reason is null then scores.compound end as sentiment_compound,
        case when interactions.moodless_reason is null then scores.positive end as sentiment_positive,
        case when interactions.moodless_reason is null then scores.neutral end as sentiment_neutral,
        case when interactions.moodless_reason is null then scores.negative end as sentiment_negative,
        case when interactions.moodless_reason is null then scores.care_compound end as care_compound
    from interactions
    left join scores
        on interactions.text_key = scores.text_key
    left join labels
        on
            case
                when interactions.moodless_reason is not null then false
                when interactions.rating is null
                    then
                        scores.care_compound >= labels.lower_bound
                        and (labels.next_lower_bound is null or scores.care_compound < labels.next_lower_bound)
                else
                    interactions.rating >= labels.rating_lower_bound
                    and (labels.next_rating_lower_bound is null or interactions.rating < labels.next_rating_lower_bound)
            end

)

select * from final
