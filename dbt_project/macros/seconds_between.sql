{# Whole seconds from one moment to a later one; NULL if it is not later, so that a skewed clock never looks like speed. #}
{% macro seconds_between(earlier, later) -%}
    case when {{ later }} >= {{ earlier }} then floor(extract(epoch from {{ later }} - {{ earlier }}))::bigint end
{%- endmacro %}
