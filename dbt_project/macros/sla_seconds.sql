{# The seconds that a clock counts between two moments: those of opening hours, if the policy counts only them. #}
{% macro sla_seconds(clocks, from_moment, to_moment) -%}
    case
        when {{ to_moment }} is null then null
        when {{ clocks }}.in_business_hours
            then {{ business_seconds(clocks ~ '.calendar_code', from_moment, to_moment) }}
        else extract(epoch from {{ to_moment }} - {{ from_moment }})
    end
{%- endmacro %}
