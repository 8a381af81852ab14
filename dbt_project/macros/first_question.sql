{# Of the moments of a group, the value of the first message of a customer; of one instant, the longer id came later. #}
{% macro first_question(value) -%}
    (array_agg({{ value }} order by occurred_at, length(moment_id), moment_id) filter (where moment_kind = 'question'))[1]
{%- endmacro %}
