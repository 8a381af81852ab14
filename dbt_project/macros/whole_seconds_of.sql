{#
    The whole seconds of one part of a sum, rounded so that the parts add up to the sum, floored once. The window lists
    the sum's rows in their order.
#}
{% macro whole_seconds_of(seconds, parts) -%}
    case
        when {{ seconds }} is not null
            then
                floor(sum({{ seconds }}) over ({{ parts }} rows between unbounded preceding and current row))::bigint
                - floor(
                    coalesce(sum({{ seconds }}) over ({{ parts }} rows between unbounded preceding and 1 preceding), 0)
                )::bigint
    end
{%- endmacro %}
