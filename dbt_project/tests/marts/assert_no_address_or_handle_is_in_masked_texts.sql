-- Utterances whose masked text still holds an e-mail address or a handle.
select interaction_id
from {{ ref('fct_interactions') }}
where text_masked ~ '[[:alnum:]]@[[:alnum:]]' or text_masked ~ '(^|\s)@[[:alnum:]_]'
