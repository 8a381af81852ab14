{# What a reader of an HTML text sees: scripts and tags gone, blocks on lines of their own, character references read. #}
{% macro plain_text(html) -%}
    {#- One after the other: with a reference back to which of them began, a few kilobytes of a stranger's take hours. -#}
    {%- set unscripted = "regexp_replace(" ~ html ~ ", '<script\\y.*?</script\\s*>', '', 'gi')" -%}
    {%- set unscripted = "regexp_replace(" ~ unscripted ~ ", '<style\\y.*?</style\\s*>', '', 'gi')" -%}
    {%- set broken = "regexp_replace(" ~ unscripted ~ ", '\\s*(<br\\s*/?>|</(p|div|li|tr|h[1-6]|blockquote)>)\\s*', E'\\n', 'gi')" -%}
    {%- set untagged = "regexp_replace(" ~ broken ~ ", '</?[a-z!][^>]*>', '', 'gi')" -%}
    {{ clean_text(unescape_html(untagged)) }}
{%- endmacro %}
