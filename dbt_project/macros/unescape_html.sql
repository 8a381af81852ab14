{# Character references of HTML that senders' systems write, as characters; `&amp;` last, so that nothing is read twice. #}
{% macro unescape_html(text) -%}
    {%- set references = {
        '&nbsp;': ' ', '&#160;': ' ', '&lt;': '<', '&#60;': '<', '&gt;': '>', '&#62;': '>', '&quot;': '"', '&#34;': '"',
        '&apos;': "''", '&#39;': "''", '&#x27;': "''", '&rsquo;': '’', '&lsquo;': '‘', '&ldquo;': '“', '&rdquo;': '”',
        '&ndash;': '–', '&mdash;': '—', '&hellip;': '…', '&#38;': '&', '&amp;': '&'
    } -%}
    {%- for _ in references %}replace({% endfor -%}
    {{ text }}
    {%- for reference, character in references.items() %}, '{{ reference }}', '{{ character }}'){% endfor -%}
{%- endmacro %}
