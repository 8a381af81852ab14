{# A text YYYY-MM-DD as date, or NULL if there is no such day. #}
{% macro to_date_or_null(text) -%}
    case
        when ({{ text }}) collate "C" ~ '^(?!0000)\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$'
            then case when {{ is_day_of_month(text) }} then ({{ text }})::date end
    end
{%- endmacro %}
