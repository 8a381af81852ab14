{# A moment that a source claims or, where it cannot be true of something read at `read_at`, that one. #}
{% macro plausible_or_read(moment, read_at) -%}
    coalesce({{ plausible_or_null(moment, read_at) }}, {{ read_at }})
{%- endmacro %}
