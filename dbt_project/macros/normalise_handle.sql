{# A social handle as identity key: lower case, without @; NULL if nothing is left. #}
{% macro normalise_handle(handle) -%}
    nullif(lower(btrim({{ handle }}, E'@ \t\r\n')), '')
{%- endmacro %}
