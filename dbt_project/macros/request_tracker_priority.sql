{# A numeric priority of Request Tracker in words, as its pages show it: medium from 50, high from 100. #}
{% macro request_tracker_priority(priority) -%}
    case
        when {{ to_number_or_null(priority) }} >= 100 then 'high'
        when {{ to_number_or_null(priority) }} >= 50 then 'normal'
        when {{ to_number_or_null(priority) }} is not null then 'low'
    end
{%- endmacro %}
