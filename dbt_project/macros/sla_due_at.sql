{# When a clock that starts at a moment will have run for so many seconds; of opening hours, if the policy counts those. #}
{% macro sla_due_at(clocks, start, seconds, open_seconds=none) -%}
    case
        when {{ clocks }}.in_business_hours then {{ business_time_after(clocks ~ '.calendar_code', start, seconds, open_seconds) }}
        else {{ start }} + {{ seconds }} * interval '1 second'
    end
{%- endmacro %}
