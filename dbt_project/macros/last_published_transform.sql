{# The newest published transform, as a scalar; 0 before the first. #}
{% macro last_published_transform() -%}
    coalesce((select max(runs.transform_id) from {{ source('ops', 'transform_runs') }} as runs where runs.status = 'published'), 0)
{%- endmacro %}
