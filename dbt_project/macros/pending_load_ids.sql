{#
    The load ids in `pending`, comma-separated, for `in (…)`. They are written out so that the planner knows how few rows
    they brought; for a subquery, it would expect a share of the table and read all of it.
#}
{% macro pending_load_ids(pending) -%}
    {%- if execute -%}
        {{ run_query('select load_id from ' ~ pending ~ ' order by load_id').columns[0].values() | join(', ') or 'null' }}
    {%- else -%}
        null
    {%- endif -%}
{%- endmacro %}
