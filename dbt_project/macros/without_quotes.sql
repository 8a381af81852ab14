{#
    What the writer of an e-mail wrote: without quoted lines, the line with a date or an address that announces them,
    an original message below, and a signature after its mark.
#}
{% macro without_quotes(text) -%}
    {%- set signed = "regexp_replace(replace(" ~ text ~ ", E'\\r', ''), E'\\n-- \\n.*$', '')" -%}
    {%- set below = "regexp_replace(" ~ signed ~ ", E'(^|\\n)[ \\t]*-+ ?Original Message ?-+.*$', '', 'i')" -%}
    {%- set announced = "regexp_replace(" ~ below ~ ", E'(^|\\n)[^\\n>]*[0-9@][^\\n]*:[ \\t]*\\n[ \\t\\n]*(?=>)', E'\\n', 'g')" -%}
    regexp_replace({{ announced }}, E'(^|\n)[ \t]*>[^\n]*', '', 'g')
{%- endmacro %}
