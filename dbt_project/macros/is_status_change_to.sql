{# Whether a case event moves the case into `status` from another one. #}
{% macro is_status_change_to(status) -%}
    event_type = 'changed' and field = 'status' and new_value = '{{ status }}' and old_value is distinct from '{{ status }}'
{%- endmacro %}
