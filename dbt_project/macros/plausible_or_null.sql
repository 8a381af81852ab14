{# A moment that a source claims, or NULL if it cannot be true for something read at `read_at`. #}
{% macro plausible_or_null(moment, read_at) -%}
    case when {{ is_plausible_time(moment, read_at) }} then {{ moment }} end
{%- endmacro %}
