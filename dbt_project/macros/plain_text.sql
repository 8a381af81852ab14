{# What a reader sees of an HTML text: without scripts and tags, blocks on separate lines, character references decoded. #}
{% macro plain_text(html) -%}
    {#- One after the other: with a back reference to the opening tag, a few kilobytes of hostile text take hours. -#}
    {%- set unscripted = "regexp_replace(" ~ html ~ ", '<script\\y.*?</script\\s*>', '', 'gi')" -%}
    {%- set unscripted = "regexp_replace(" ~ unscripted ~ ", '<style\\y.*?</style\\s*>', '', 'gi')" -%}
    {%- set broken = "regexp_replace(" ~ unscripted ~ ", '\\s*(<br\\s*/?>|</(p|div|li|tr|h[1-6]|blockquote)>)\\s*', E'\\n', 'gi')" -%}
    {%- set untagged = "regexp_replace(" ~ broken ~ ", '</?[a-z!][^>]*>', '', 'gi')" -%}
    {{ clean_text(unescape_html(untagged)) }}
{%- endmacro %}
