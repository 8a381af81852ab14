{#
    The clocks of a case, and when an interval of int_case_intervals counts towards each of them. Handling is measured in
    working hours only, everything else in both calendar and working time.
#}
{% macro case_clocks() -%}
    {{ return({
        'agent_wait': "status = 'pending'",
        'requester_wait': "status in ('new', 'open', 'on_hold')",
        'solve': "status in ('new', 'open', 'on_hold', 'pending')",
        'agent_work': "status in ('new', 'open')",
        'on_hold': "status = 'on_hold'",
        'unassigned': "not is_assigned",
        'handling': "status in ('new', 'open') and is_held_by_human",
    }) }}
{%- endmacro %}
