{#
    Text fit for display, or NULL if nothing is left: without bidirectional and other control characters,
    which can make a text read as something else; line breaks and tabs stay.
#}
{% macro clean_text(text) -%}
    {{ blank_to_null("regexp_replace(" ~ text ~ ", '[\\u0001-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F\\u061C\\u200E\\u200F\\u202A-\\u202E\\u2066-\\u2069\\uFEFF]', '', 'g')") }}
{%- endmacro %}
