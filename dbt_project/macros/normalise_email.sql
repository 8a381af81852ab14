{# An e-mail address as identity key: NFC, lower case, trimmed; NULL unless it has something on both sides of one @. #}
{% macro normalise_email(email) -%}
    case
        when btrim({{ email }}) ~ '^[^@\s]+@[^@\s]+$' then lower(normalize(btrim({{ email }}), nfc))
    end
{%- endmacro %}
