{#
    Text fit for display, or NULL if nothing is left. What landing escaped (U+10FFFD and four hex digits, for NUL and
    half characters) becomes U+FFFD; bidirectional and other control characters, which can make a text read as
    something else, go; line breaks and tabs stay.
#}
{% macro clean_text(text) -%}
    {%- set shown = "regexp_replace(" ~ text ~ ", U&'\\+10FFFD[0-9a-f]{4}', U&'\\FFFD', 'g')" -%}
    {{ blank_to_null("regexp_replace(" ~ shown ~ ", '[\\u0001-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F\\u061C\\u200E\\u200F\\u202A-\\u202E\\u2066-\\u2069\\uFEFF]', '', 'g')") }}
{%- endmacro %}
