-- One row per utterance whose words a policy or an erasure removed, with what the star still needs of them.
-- No `with`: Postgres plans a view with one separately, and would read all cleared words to look up a day's.
select
    cleared.interaction_id,
    cleared.text_key,
    cleared.rule_ids,
    cleared.is_erased,
    cleared.extracted_at
from {{ source('ops', 'cleared_words') }} as cleared
