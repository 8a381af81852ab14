-- One row per utterance of a touched conversation, with the language and sentiment of its text.
{{ config(materialized='table', indexes=[{'columns': ['interaction_id'], 'unique': True}]) }}

with

interactions as (

    select
        threaded.interaction_id,
        threaded.rating,
        -- For a call without a transcript and for a visit, staff wrote a summary in their own words.
        threaded.source_attributes ->> 'is_noted_by_staff' is not null as is_noted_by_staff,
        {{ text_key_of('threaded') }} as text_key,
        -- Quotes of others, and what a machine says to the company, express nobody's mood.
        case
            when {{ is_repost('threaded') }} then 'repost'
            when threaded.direction = 'inbound' and threaded.thread_sender_kind in ('bot', 'system')
                then threaded.thread_sender_kind
        end as moodless_reason
    from {{ ref('int_interactions_threaded') }} as threaded

),

moods as (

    select
        interaction_id,
        rating,
        text_key,
        moodless_reason,
        coalesce(
            moodless_reason, case when is_noted_by_staff and text_key is not null then 'noted_by_staff' end
        ) as unscored_reason
    from interactions

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
        moods.interaction_id,
        scores.language,
        labels.label as sentiment_label,
        case
            when labels.label is null then null
            when moods.rating is null then 'lexicon'
            else 'rating'
        end as sentiment_source,
        case
            when moods.unscored_reason is not null then moods.unscored_reason
            when scores.compound is not null then null
            when moods.text_key is null then 'no_text'
            else coalesce(scores.unscored_reason, 'not_scored_yet')
        end as sentiment_unscored_reason,
        case when moods.unscored_reason is null then scores.compound end as sentiment_compound,
        case when moods.unscored_reason is null then scores.positive end as sentiment_positive,
        case when moods.unscored_reason is null then scores.neutral end as sentiment_neutral,
        case when moods.unscored_reason is null then scores.negative end as sentiment_negative,
        case when moods.unscored_reason is null then scores.care_compound end as care_compound
    from moods
    left join scores
        on moods.text_key = scores.text_key
    left join labels
        on
            case
                when moods.moodless_reason is not null then false
                when moods.rating is null
                    then
                        moods.unscored_reason is null
                        and scores.care_compound >= labels.lower_bound
                        and (labels.next_lower_bound is null or scores.care_compound < labels.next_lower_bound)
                else
                    moods.rating >= labels.rating_lower_bound
                    and (labels.next_rating_lower_bound is null or moods.rating < labels.next_rating_lower_bound)
            end

)

select * from final
