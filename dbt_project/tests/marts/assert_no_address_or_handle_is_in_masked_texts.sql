-- Utterances whose masked text still holds an e-mail address or a handle.
select interaction_id
from {{ ref('fct_interactions') }}
where
    text_masked ~ '[[:alnum:]]@[[:alnum:]]'
    or text_masked ~ '(^|\s)@[[:alnum:]_]'
    or text_masked ~* '(^|\s)/?u/[[:alnum:]_-]{3}'
    or text_masked ~* '\m(bsky\.app/+profile|linkedin\.com/+in|reddit\.com/+user)/+[[:alnum:]]'
    or text_masked ~ '\m\d{4}([/_]\d{4}){3}\M'
