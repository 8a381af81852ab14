{#
    The one order of a case's events, in the columns of `int_case_events`; `desc` puts the last first. What has no time
    tells the present state. Of one instant: a case is made before anything happens to it, and nothing happens once it
    is merged or its record says that it is deleted; ids, the longer the later, order the rest.
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
