{#
    What an author wrote, in Reddit's Markdown, without quoted lines, which others wrote; NULL if Reddit shows a note
    instead.
#}
{% macro reddit_words(text) -%}
    {#- `>!` marks a spoiler, not a quote. -#}
    case
        when not {{ is_reddit_note(text) }}
            then {{ clean_text("regexp_replace(" ~ text ~ ", '^[ \\t]*>(?!!)[^\\n]*', '', 'gn')") }}
    end
{%- endmacro %}
