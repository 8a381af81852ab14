{#
    A phone number as identity key: E.164 digits without + or 00; NULL if it has fewer than 8 digits, like an extension,
    or more than 15, the maximum. No country code begins with 0, so a number of zeros keeps its zeros.
#}
{% macro normalise_phone(phone) -%}
    case
        when regexp_replace({{ phone }}, '^\s*00(?=\D*[1-9])|\D', '', 'g') ~ '^\d{8,15}$'
            then regexp_replace({{ phone }}, '^\s*00(?=\D*[1-9])|\D', '', 'g')
    end
{%- endmacro %}
