{#
    Text that is safe to display, or NULL if nothing is left. Characters that landing escaped (U+10FFFD and four hex
    digits, for NUL and lone surrogates) become U+FFFD. Bidirectional and other control characters, which can make a text
    look like another, are removed; line breaks and tabs stay.
#}
{% macro clean_text(text) -%}
    {%- set shown = "regexp_replace(" ~ text ~ ", U&'\\+10FFFD[0-9a-f]{4}', U&'\\FFFD', 'g')" -%}
    {{ blank_to_null("regexp_replace(" ~ shown ~ ", '[\\u0001-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F\\u061C\\u200E\\u200F\\u202A-\\u202E\\u2066-\\u2069\\uFEFF]', '', 'g')") }}
{%- endmacro %}
