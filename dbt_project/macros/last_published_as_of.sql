{# The as_of of the last publication, as a scalar; before everything if nothing was published. #}
{% macro last_published_as_of() -%}
    coalesce((select max(runs.as_of) from {{ source('ops', 'transform_runs') }} as runs where runs.status = 'published'), '-infinity')
{%- endmacro %}
