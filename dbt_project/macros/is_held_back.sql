{# Whether moderators hide a post until they have read it. #}
{% macro is_held_back(relation) -%}
    coalesce({{ relation }}.source_attributes ->> 'is_held' = 'true', false)
{%- endmacro %}
