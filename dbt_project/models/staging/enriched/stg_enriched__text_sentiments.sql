-- One row per distinct text, with the language and sentiment that the scorer in use gave it.
with

source as (

    select * from {{ source('enriched', 'text_sentiment') }}

),

renamed as (

    select
        text_key,
        nullif(language, 'und') as language,
        language_confidence,
        compound,
        positive,
        neutral,
        negative,
        unscored_reason
    from source
    where scorer_version = '{{ var("sentiment_scorer") }}'

)

select * from renamed
