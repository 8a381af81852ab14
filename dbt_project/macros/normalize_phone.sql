{#
    A phone number as identity key: E.164 digits without + or 00; NULL if it has fewer than 8 digits, as an extension
    has, or more than 15, which no number may have.
#}
{% macro normalize_phone(phone) -%}
    case
        when regexp_replace({{ phone }}, '^\s*00|\D', '', 'g') ~ '^\d{8,15}$'
            then regexp_replace({{ phone }}, '^\s*00|\D', '', 'g')
    end
{%- endmacro %}
