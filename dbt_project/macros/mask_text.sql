{# A text as BI may show it; the patterns are those of ops.mask_text. #}
{% macro mask_text(text) -%}
    ops.mask_text({{ text }})
{%- endmacro %}
