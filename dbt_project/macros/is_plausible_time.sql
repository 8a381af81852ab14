{# Whether a claimed moment can be true: not before any of our sources existed, not after we read it (a day of clock skew). #}
{% macro is_plausible_time(moment, extracted_at) -%}
    ({{ moment }} >= '2000-01-01T00:00:00Z' and {{ moment }} <= {{ extracted_at }} + interval '1 day')
{%- endmacro %}
