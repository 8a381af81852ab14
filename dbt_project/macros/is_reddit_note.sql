{# Whether Reddit shows a note in place of words: their author, moderators or Reddit itself took them away. #}
{% macro is_reddit_note(text) -%}
    {{ text }} ~* '^\s*\[ ?(deleted|removed)\M[^]]*\]\s*$'
{%- endmacro %}
