{#
    The `where` clause of an incremental model that is replaced by changed key; nothing on a full refresh.
    `keys` is a column or a comma-separated list present in both the model's input and `changed_model`.
#}
{% macro only_changed(changed_model, keys) -%}
    {#- Outside the `if`: dbt must see the reference even when it parses as a full refresh. -#}
    {%- set changed = ref(changed_model) -%}
    {%- if is_incremental() -%}
        where ({{ keys }}) in (select {{ keys }} from {{ changed }})
    {%- endif -%}
{%- endmacro %}
