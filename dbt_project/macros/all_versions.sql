{# Every raw row of one table that models may see; an incremental run only reads keys in a pending load. #}
{% macro all_versions(source_name, table) %}
    {#- `offset 0` keeps the planner from turning the look-up per key into a join with the whole table. -#}
    {{ visible_versions(source_name, table, per_key='offset 0') }}
{% endmacro %}
