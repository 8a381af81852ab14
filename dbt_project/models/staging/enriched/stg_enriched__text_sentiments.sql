-- One row per distinct text, with its language and sentiment by the scorer in use.
-- No `with`: Postgres plans a view with one separately, and would read every scored text to look up a day's.
select
    scores.text_key,
    nullif(scores.language, 'und') as language,
    scores.compound,
    scores.positive,
    scores.neutral,
    scores.negative,
    scores.care_compound,
    scores.unscored_reason
from {{ source('enriched', 'text_sentiment') }} as scores
-- The scorer that the latest transform was begun with; its first transform is a full refresh.
where scores.scorer_version = (
    select runs.scorer_version
    from {{ source('ops', 'transform_runs') }} as runs
    order by runs.transform_id desc
    limit 1
)
