{# Points that a share from 0 to 1 earns of one part of a waiting conversation's priority, as a scalar; NULL of NULL. #}
{% macro queue_points(part, share) -%}
    (
        select round(least(1, greatest(0, ({{ share }})::numeric)) * weights.weight, 1)
        from {{ ref('work_queue_weights') }} as weights
        -- `least` and `greatest` pass over NULLs.
        where weights.part = '{{ part }}' and ({{ share }}) is not null
    )
{%- endmacro %}
