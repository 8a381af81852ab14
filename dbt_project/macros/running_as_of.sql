{# The as_of of the running transform, as a scalar: the end of the newest window seen. #}
{% macro running_as_of() -%}
    (
        select runs.as_of from {{ source('ops', 'transform_runs') }} as runs
        order by runs.transform_id desc
        limit 1
    )
{%- endmacro %}
