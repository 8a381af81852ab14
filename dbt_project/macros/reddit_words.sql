{#
    What an author wrote, in Reddit's Markdown: without quoted lines, which others said; NULL where Reddit shows a note in
    its place.
#}
{% macro reddit_words(text) -%}
    {#- `>!` hides words, and does not quote. -#}
    case
        when not {{ is_reddit_note(text) }}
            then {{ clean_text("regexp_replace(" ~ text ~ ", '^[ \\t]*>(?!!)[^\\n]*', '', 'gn')") }}
    end
{%- endmacro %}
