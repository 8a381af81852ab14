{# Whether Reddit shows a note in place of words that their author, moderators or Reddit itself removed. #}
{% macro is_reddit_note(text) -%}
    {{ text }} ~* '^\s*\[ ?(deleted|removed)\M[^]]*\]\s*$'
{%- endmacro %}
