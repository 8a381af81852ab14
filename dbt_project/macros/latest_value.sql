{#
    Of the case events that meet `condition`, the value of the one that came last. One without a time tells the present
    state; ids, the longer the later, order events of one moment.
#}
{% macro latest_value(value, condition) -%}
    (array_agg({{ value }} order by occurred_at desc nulls first, length(case_event_id) desc, case_event_id desc) filter (where {{ condition }}))[1]
{%- endmacro %}
