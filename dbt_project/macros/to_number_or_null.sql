{#
    A text as numeric, or NULL if it is no plain decimal number; at most 15 digits before the point. Under C, for by other
    rules `\d` and `\s` are also digits and spaces of other scripts, which no cast takes: one would stop every transform.
#}
{% macro to_number_or_null(text) -%}
    case when ({{ text }}) collate "C" ~ '^\s*[+-]?(\d{1,15}(\.\d*)?|\.\d+)\s*$' then ({{ text }})::numeric end
{%- endmacro %}
