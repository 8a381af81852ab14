{# Of the case events that meet `condition`, the value of the one that came last. #}
{% macro latest_value(value, condition) -%}
    (array_agg({{ value }} order by {{ case_event_order('desc') }}) filter (where {{ condition }}))[1]
{%- endmacro %}
