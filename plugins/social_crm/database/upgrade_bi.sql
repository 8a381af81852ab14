-- Updates tables of the transformer that earlier versions left: run as the transformer, because triggers have their
-- caller's rights.

-- Bluesky's posts used to be identified by addresses, which name their authors (upgrade.sql).
update bi.activations
set
    activation_id = replace(activation_id, activations.conversation_id, hashed.conversation_id),
    item_id = replace(item_id, activations.conversation_id, hashed.conversation_id),
    conversation_id = hashed.conversation_id
from (
    select distinct
        conversation_id as named,
        'bluesky:' || md5(substr(conversation_id, length('bluesky:') + 1)) as conversation_id
    from bi.activations
    where conversation_id like 'bluesky:at://%'
) as hashed
where activations.conversation_id = hashed.named;
