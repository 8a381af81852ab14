{#
    Joins, as `months`, the row of int_business_months for one moment of each row. Statements over many rows read their
    calendars this way: one hash for all rows, instead of an index look-up per row as in open_seconds_at.
#}
{% macro business_months(months, calendar_code, moment) -%}
    left join {{ ref('int_business_months') }} as {{ months }}
        on
            {{ calendar_code }} = {{ months }}.calendar_code
            and date_trunc('month', {{ moment }} at time zone 'UTC')::date = {{ months }}.month_start_date
{%- endmacro %}
