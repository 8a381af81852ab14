{#
    The raw rows of one table, one per _record_key: the newest version among the loads models may see.
    An incremental run only reads keys in a pending load.
#}
{% macro newest_versions(source_name, table, version_at='coalesce(_version_at, _extracted_at)') %}
    {%- set order = version_at ~ ' desc, _extracted_at desc, _load_id desc, _record_hash desc' -%}
    {{ visible_versions(source_name, table, per_key='order by ' ~ order ~ ' limit 1', overall='distinct on (_record_key)') }}
    {%- if not is_incremental() %}
        order by _record_key asc, {{ order }}
    {%- endif %}
{% endmacro %}
