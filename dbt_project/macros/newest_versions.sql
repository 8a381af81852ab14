{#
    The raw rows of one table, one per _record_key: the newest version among the loads models may see.
    An incremental run looks only at keys that a pending load brought.
#}
{% macro newest_versions(source_name, table) %}
        select distinct on (_record_key) * -- one row per key: the first in the order below
        from {{ source(source_name, table) }} as versions
        where {{ is_visible_version(source_name, table) }}
        order by _record_key asc, _version_at desc nulls last, _extracted_at desc, _load_id desc, _record_hash desc
{% endmacro %}
