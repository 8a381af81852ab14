{# An e-mail address as identity key: NFC, lower case, trimmed; NULL unless it has one @ with text on both sides. #}
{% macro normalise_email(email) -%}
    case
        when btrim({{ email }}) ~ '^[^@\s]+@[^@\s]+$' then lower(normalize(btrim({{ email }}), nfc))
    end
{%- endmacro %}
