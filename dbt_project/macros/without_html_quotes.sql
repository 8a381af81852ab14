{#
    An HTML mail without what it quotes: from the first mark of a quote to where the last one is closed, for some write
    below; Outlook never closes one.
#}
{% macro without_html_quotes(html) -%}
    {%- set closed = "regexp_replace(" ~ html ~ ", '<(blockquote\\y|[a-z][^<>]*gmail_quote).*</blockquote\\s*>', '<br>', 'i')" -%}
    regexp_replace({{ closed }}, '<(blockquote\y|[a-z][^<>]*(gmail_quote|divRplyFwdMsg)).*$', '', 'i')
{%- endmacro %}
