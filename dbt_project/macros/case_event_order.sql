{#
    The order of a case's events, in the columns of `int_case_events`; `desc` puts the last first. An event without a time
    gives the current state. Within one instant, creation comes first, and a merge or deletion of the record last; ids
    order the rest, and a longer id is later.
#}
{% macro case_event_order(direction='asc') -%}
    occurred_at {{ direction }},
    case
        when event_type = 'created' then 1
        when event_type = 'merged' or (event_type = 'deleted' and field is null) then 3
        else 2
    end {{ direction }},
    length(case_event_id) {{ direction }},
    case_event_id {{ direction }}
{%- endmacro %}
