{#
    What the author of an e-mail wrote: without quoted lines, the line with a date or an address that introduces them,
    the original message below (after its mark, or from Outlook's header lines on), and a signature after its mark.
#}
{% macro without_quotes(text) -%}
    {%- set signed = "regexp_replace(replace(" ~ text ~ ", E'\\r', ''), E'\\n-- \\n.*$', '')" -%}
    {%- set marked = "-+ ?Original Message ?-+|_{10,}[ \\t]*\\n[ \\t\\n]*From:" -%}
    {#- A long line may continue in the next ones. -#}
    {%- set headed = "From:([^\\n]*\\n){1,3}[ \\t]*Sent:([^\\n]*\\n){1,3}[ \\t]*To:" -%}
    {%- set below = "regexp_replace(" ~ signed ~ ", E'(^|\\n)[ \\t]*(" ~ marked ~ "|" ~ headed ~ ").*$', '', 'i')" -%}
    {%- set announced = "regexp_replace(" ~ below ~ ", E'(^|\\n)[^\\n>]*[0-9@][^\\n]*:[ \\t]*\\n[ \\t\\n]*(?=>)', E'\\n', 'g')" -%}
    regexp_replace({{ announced }}, E'(^|\n)[ \t]*>[^\n]*', '', 'g')
{%- endmacro %}
