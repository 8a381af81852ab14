{# Points for a share from 0 to 1 of one part of a waiting conversation's priority, as a scalar; NULL for NULL. #}
{% macro queue_points(part, share) -%}
    (
        select round(least(1, greatest(0, ({{ share }})::numeric)) * weights.weight, 1)
        from {{ ref('work_queue_weights') }} as weights
        -- `least` and `greatest` ignore NULLs.
        where weights.part = '{{ part }}' and ({{ share }}) is not null
    )
{%- endmacro %}
