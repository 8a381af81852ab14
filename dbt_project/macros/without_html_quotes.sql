{#
    An HTML mail without its quotes: without everything from where the first quote opens to where the last one closes,
    because some people write below; Outlook never closes one.
#}
{% macro without_html_quotes(html) -%}
    {%- set closed = "regexp_replace(" ~ html ~ ", '<(blockquote\\y|[a-z][^<>]*gmail_quote).*</blockquote\\s*>', '<br>', 'i')" -%}
    regexp_replace({{ closed }}, '<(blockquote\y|[a-z][^<>]*(gmail_quote|divRplyFwdMsg)).*$', '', 'i')
{%- endmacro %}
