{#
    Like newest_versions, with `first_payload`, the record as it was first read. Some sources say whether an author is
    staff now, but an author who joins or leaves later wrote as what they were when the record was first read.
#}
{% macro newest_versions_and_first(source_name, table) %}
    select placed.*
    from (
        select
            versions.*,
            row_number() over versions_of_key as place,
            last_value(versions.payload) over (
                versions_of_key rows between unbounded preceding and unbounded following
            ) as first_payload
        from (
            {{ all_versions(source_name, table) }}
        ) as versions
        window
            versions_of_key as (
                partition by versions._record_key
                order by
                    coalesce(versions._version_at, versions._extracted_at) desc, versions._extracted_at desc,
                    versions._load_id desc, versions._record_hash desc
            )
    ) as placed
    where placed.place = 1
{% endmacro %}
