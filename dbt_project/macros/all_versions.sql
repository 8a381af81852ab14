{# Every raw row of one table that models may see; an incremental run looks only at keys that a pending load brought. #}
{% macro all_versions(source_name, table) %}
        select *
        from {{ source(source_name, table) }} as versions
        where {{ is_visible_version(source_name, table) }}
{% endmacro %}
