{# A text as boolean, or NULL if it means neither yes nor no. #}
{% macro to_boolean_or_null(text) -%}
    case
        when lower(trim({{ text }})) in ('true', 'yes', 'y', '1') then true
        when lower(trim({{ text }})) in ('false', 'no', 'n', '0') then false
    end
{%- endmacro %}
