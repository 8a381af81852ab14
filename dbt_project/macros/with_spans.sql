{#
    The versions of each record, with the span in which each was valid. The first known version also applies to the time
    before it, and the newest has no end.
#}
{% macro with_spans(versions) %}
    select
        versions.*,
        case when row_number() over spans > 1 then versions.version_began_at end as valid_from,
        lead(versions.version_began_at) over spans as valid_to
    from {{ versions }} as versions
    window spans as (
        partition by versions._record_key
        order by
            versions.version_began_at asc, versions._extracted_at asc, versions._load_id asc, versions._record_hash asc
    )
{% endmacro %}
