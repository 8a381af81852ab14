{# A social handle as identity key: lower case, without @; NULL if nothing is left. #}
{% macro normalize_handle(handle) -%}
    nullif(lower(btrim({{ handle }}, E'@ \t\r\n')), '')
{%- endmacro %}
