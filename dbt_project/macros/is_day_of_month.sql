{# Whether the day of a text that starts as YYYY-MM-DD exists in its month; 30 February does not. #}
{% macro is_day_of_month(text) -%}
    substr(trim({{ text }}), 9, 2)::int <= extract(
        day from (substr(trim({{ text }}), 1, 7) || '-01')::timestamp + interval '1 month - 1 day'
    )
{%- endmacro %}
