{#
    The seconds, with fractions, in which a calendar was open between two moments, as a scalar: 0 if it was closed all the
    time; NULL without a calendar, beyond its windows or if the second moment is before the first. Adjacent spans add up.
#}
{% macro business_seconds(calendar_code, from_moment, to_moment, windows=none) -%}
    case
        when {{ to_moment }} >= {{ from_moment }}
            then
                {{ open_seconds_at(calendar_code, to_moment, windows) }}
                - {{ open_seconds_at(calendar_code, from_moment, windows) }}
    end
{%- endmacro %}
