{# What a reader of an HTML text sees: scripts and tags gone, blocks on lines of their own, character references read. #}
{% macro plain_text(html) -%}
    {%- set unscripted = "regexp_replace(" ~ html ~ ", '<(script|style)\\y.*?</\\1\\s*>', '', 'gi')" -%}
    {%- set broken = "regexp_replace(" ~ unscripted ~ ", '\\s*(<br\\s*/?>|</(p|div|li|tr|h[1-6]|blockquote)>)\\s*', E'\\n', 'gi')" -%}
    {%- set untagged = "regexp_replace(" ~ broken ~ ", '</?[a-z!][^>]*>', '', 'gi')" -%}
    {{ clean_text(unescape_html(untagged)) }}
{%- endmacro %}
