-- Brings what earlier versions left to what this version expects.

-- Tables of former models, with people's names in them. A transform recreates views that still read one without it.
do $$
begin
    drop table if exists staging.stg_crm__customer_versions, staging.stg_zendesk__organizations;
exception
    when dependent_objects_still_exist then null;
end
$$;
drop table if exists ops.activation_lock;

-- Bluesky's posts used to be identified by addresses, which name their authors, and now by hashes of these: in raw, and
-- in what people and targets were told about them. A full refresh rebuilds the rest.
do $$
begin
    if to_regclass('raw_bluesky.posts') is not null then
        update raw_bluesky.posts set _record_key = md5(_record_key) where _record_key like 'at://%';
    end if;
end
$$;
update ops.cleared_words set interaction_id = 'bluesky:' || md5(substr(interaction_id, length('bluesky:') + 1))
where interaction_id like 'bluesky:at://%';
update ops.human_labels set interaction_id = 'bluesky:' || md5(substr(interaction_id, length('bluesky:') + 1))
where interaction_id like 'bluesky:at://%';
