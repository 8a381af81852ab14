-- One row per distinct text, with the language and sentiment that the scorer in use gave it.
with

source as (

    select scores.*
    from {{ source('enriched', 'text_sentiment') }} as scores
    -- The scorer that the latest transform was begun with; its first transform is a full refresh.
    where scores.scorer_version = (
        select runs.scorer_version
        from {{ source('ops', 'transform_runs') }} as runs
        order by runs.transform_id desc
        limit 1
    )

),

renamed as (

    select
        text_key,
        nullif(language, 'und') as language,
        compound,
        positive,
        neutral,
        negative,
        care_compound,
        unscored_reason
    from source

)

select * from renamed
