{# The transform that is running, as a scalar; transforms run one at a time. #}
{% macro running_transform() -%}
    (select max(runs.transform_id) from {{ source('ops', 'transform_runs') }} as runs)
{%- endmacro %}
