{# The value of a seed with `valid_from` that is valid on `day`, as a scalar; `condition` selects the rows of one thing. #}
{% macro newest_valid(seed, column, day, condition) -%}
    (
        select held.{{ column }}
        from {{ seed }} as held
        where held.valid_from <= {{ day }} and {{ condition }}
        order by held.valid_from desc
        limit 1
    )
{%- endmacro %}
