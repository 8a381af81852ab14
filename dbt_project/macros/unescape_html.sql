{# Decodes the HTML character references that senders' systems write; `&amp;` last, so that nothing is decoded twice. #}
{% macro unescape_html(text) -%}
    {%- set references = {
        'nbsp|#160': ' ', 'lt|#60': '<', 'gt|#62': '>', 'quot|#34|[lr]dquo|#822[01]': '"',
        'apos|#0?39|#x27|[lr]squo|#821[67]': "''", '[nm]dash|#821[12]': '–', 'hellip|#8230': '…', 'amp|#38': '&'
    } -%}
    {%- for _ in references %}regexp_replace({% endfor -%}
    {{ text }}
    {%- for names, character in references.items() %}, '&({{ names }});', '{{ character }}', 'g'){% endfor -%}
{%- endmacro %}
