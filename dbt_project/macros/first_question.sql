{# The value of a customer's first message in a group of moments; within one instant, a longer id is later. #}
{% macro first_question(value) -%}
    (array_agg({{ value }} order by occurred_at, length(moment_id), moment_id) filter (where moment_kind = 'question'))[1]
{%- endmacro %}
