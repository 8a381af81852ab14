{# The case event contract: the columns of every stg_<source>__case_events, in this order. #}
{% macro case_event_columns() -%}
    case_event_id, source, conversation_native_id, event_type, field, old_value, new_value, actor_native_id,
    occurred_at
{%- endmacro %}
