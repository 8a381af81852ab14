-- Utterances that staging knows and the fact does not.
select interactions.interaction_id
from {{ ref('int_interactions') }} as interactions
left join {{ ref('fct_interactions') }} as fct_interactions
    on interactions.interaction_id = fct_interactions.interaction_id
where fct_interactions.interaction_id is null
