{# When a clock that starts at a moment will have run for a number of seconds (of opening hours, if the policy says so). #}
{% macro sla_due_at(clocks, start, seconds, open_seconds=none) -%}
    case
        when {{ clocks }}.in_business_hours then {{ business_time_after(clocks ~ '.calendar_code', start, seconds, open_seconds) }}
        else {{ start }} + {{ seconds }} * interval '1 second'
    end
{%- endmacro %}
