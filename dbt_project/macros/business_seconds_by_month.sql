{# The result of business_seconds for two moments whose months were joined by business_months. #}
{% macro business_seconds_by_month(from_months, from_moment, to_months, to_moment) -%}
    case
        when {{ to_moment }} >= {{ from_moment }}
            then
                {{ open_seconds_in_month(to_months, to_moment) }}
                - {{ open_seconds_in_month(from_months, from_moment) }}
    end
{%- endmacro %}
