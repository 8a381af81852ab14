{# Whether the text of a moment says how far its clock is from UTC. #}
{% macro has_offset(text) -%}
    coalesce({{ text }} ~ ':\d\d([.,]\d+)?\s*([Zz]|[+-]\d\d(:?\d\d)?)\s*$', false)
{%- endmacro %}
