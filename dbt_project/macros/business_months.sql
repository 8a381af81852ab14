{#
    Joins, as `months`, what int_business_months holds for one moment of each row. Statements over many rows read their
    calendars this way: one hash for all of them, where open_seconds_at looks into an index for each.
#}
{% macro business_months(months, calendar_code, moment) -%}
    left join {{ ref('int_business_months') }} as {{ months }}
        on
            {{ calendar_code }} = {{ months }}.calendar_code
            and date_trunc('month', {{ moment }} at time zone 'UTC')::date = {{ months }}.month_start_date
{%- endmacro %}
