{# The moment up to which the running transform knows what happened, as a scalar: the end of its newest window. #}
{% macro as_of() -%}
    (select runs.as_of from {{ source('ops', 'transform_runs') }} as runs where runs.transform_id = {{ running_transform() }})
{%- endmacro %}
