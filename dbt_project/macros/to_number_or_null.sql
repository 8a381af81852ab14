{#
    A text as numeric, or NULL if it is not a plain decimal number with at most 15 digits before the point. With collation
    C, because in others `\d` and `\s` match digits and spaces of other scripts, on which casts fail.
#}
{% macro to_number_or_null(text) -%}
    case when ({{ text }}) collate "C" ~ '^\s*[+-]?(\d{1,15}(\.\d*)?|\.\d+)\s*$' then ({{ text }})::numeric end
{%- endmacro %}
