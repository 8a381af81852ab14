{# A text without surrounding white space, or NULL if nothing is left. #}
{% macro blank_to_null(text) -%}
    nullif(btrim({{ text }}, E' \t\r\n'), '')
{%- endmacro %}
