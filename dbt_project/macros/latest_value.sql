{# The value of the last case event that meets `condition`. #}
{% macro latest_value(value, condition) -%}
    (array_agg({{ value }} order by {{ case_event_order('desc') }}) filter (where {{ condition }}))[1]
{%- endmacro %}
