{# Whether the text of a moment contains its offset from UTC. #}
{% macro has_offset(text) -%}
    coalesce({{ text }} ~ ':\d\d([.,]\d+)?\s*([Zz]|[+-]\d\d(:?\d\d)?)\s*$', false)
{%- endmacro %}
