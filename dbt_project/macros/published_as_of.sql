{# As of when BI sees the star, as a scalar; before everything until something is published. #}
{% macro published_as_of() -%}
    coalesce(
        (
            select max(runs.as_of) from {{ source('ops', 'transform_runs') }} as runs
            where runs.status = 'published'
        ), '-infinity'
    )
{%- endmacro %}
