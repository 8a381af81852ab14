{# A priority of Request Tracker, a number, in words as its pages show it: from 50 on medium, from 100 on high. #}
{% macro request_tracker_priority(priority) -%}
    case
        when {{ to_number_or_null(priority) }} >= 100 then 'high'
        when {{ to_number_or_null(priority) }} >= 50 then 'normal'
        when {{ to_number_or_null(priority) }} is not null then 'low'
    end
{%- endmacro %}
