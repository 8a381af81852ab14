{# A date as a moment: noon UTC has the same date in every zone from UTC-12 to UTC+11. #}
{% macro at_noon(day) -%}
    (({{ day }} + time '12:00') at time zone 'UTC')
{%- endmacro %}
