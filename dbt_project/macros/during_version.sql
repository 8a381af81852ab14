{# Whether a moment lies in the span of a version; a NULL bound is open. #}
{% macro during_version(moment, versions) -%}
    {{ moment }} >= coalesce({{ versions }}.valid_from, '-infinity')
    and {{ moment }} < coalesce({{ versions }}.valid_to, 'infinity')
{%- endmacro %}
