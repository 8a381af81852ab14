{#
    The clocks of a case, and when a stretch of its life, described by int_case_intervals, counts towards each. What is
    handled is told in hours of work alone, all else by both clocks.
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
