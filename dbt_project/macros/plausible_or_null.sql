{# A moment that a source claims, or NULL where it cannot be true of something read at `read_at`. #}
{% macro plausible_or_null(moment, read_at) -%}
    case when {{ is_plausible_time(moment, read_at) }} then {{ moment }} end
{%- endmacro %}
