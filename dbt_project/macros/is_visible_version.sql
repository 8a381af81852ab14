{# The condition behind newest_versions and all_versions, on a raw table aliased `versions`. #}
{% macro is_visible_version(source_name, table) -%}
    {#- Outside the `if`: dbt must see the reference even when it parses as a full refresh. -#}
    {%- set pending = source('ops', 'pending_loads') -%}
    versions._load_id in (select visible.load_id from {{ source('ops', 'visible_loads') }} as visible)
    {%- if is_incremental() %}
            and versions._record_key in (
                select arrived._record_key
                from {{ source(source_name, table) }} as arrived
                where arrived._load_id = any(array(select pending.load_id from {{ pending }} as pending))
            )
    {%- endif -%}
{%- endmacro %}
