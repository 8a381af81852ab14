{# A moment that a source claims, or `read_at` if the claim cannot be true for something read then. #}
{% macro plausible_or_read(moment, read_at) -%}
    coalesce({{ plausible_or_null(moment, read_at) }}, {{ read_at }})
{%- endmacro %}
