{# A social handle as identity key: NFC, lower case, without @; NULL if nothing is left. #}
{% macro normalise_handle(handle) -%}
    nullif(lower(normalize(btrim({{ handle }}, E'@ \t\r\n'), nfc)), '')
{%- endmacro %}
