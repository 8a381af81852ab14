{# A text as numeric, or NULL if it is no plain decimal number; at most 15 digits before the point. #}
{% macro to_number_or_null(text) -%}
    case when {{ text }} ~ '^\s*[+-]?(\d{1,15}(\.\d*)?|\.\d+)\s*$' then ({{ text }})::numeric end
{%- endmacro %}
