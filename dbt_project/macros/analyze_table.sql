{# A just-built table has no statistics, and plans made without them are wrong by orders of magnitude. #}
{% macro analyze_table() -%}
    {%- if model.config.materialized != 'view' -%}
        analyze {{ this }}
    {%- endif -%}
{%- endmacro %}
