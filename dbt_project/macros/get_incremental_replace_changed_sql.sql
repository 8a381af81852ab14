{#
    Incremental strategy `replace_changed`: it deletes rows whose `unique_key` is among the changed keys and inserts the
    new ones, in dbt's transaction. The changed keys are those of the model in `meta.changed_keys` (which the model must
    also `ref`, see `only_changed`), so that a key with no rows left disappears; without it, the keys of the new rows.
#}
{% macro get_incremental_replace_changed_sql(arg_dict) %}
    {%- set keys = arg_dict.unique_key -%}
    {%- set keys = [keys] if keys is string else keys -%}
    {%- set columns = get_quoted_csv(arg_dict.dest_columns | map(attribute='name')) -%}
    {%- set changed_model = (config.get('meta') or {}).get('changed_keys') -%}
    {%- set changed = ref(changed_model) if changed_model else arg_dict.temp_relation -%}

    {#- The new rows are only joined if they themselves say which rows to delete. #}
    {% if not changed_model %}analyze {{ arg_dict.temp_relation }};{% endif %}

    delete from {{ arg_dict.target_relation }} as existing
    using (select distinct {{ keys | join(', ') }} from {{ changed }}) as changed
    where
        {% for key in keys -%}
            existing.{{ key }} = changed.{{ key }}{{ ' and ' if not loop.last }}
        {%- endfor %};

    insert into {{ arg_dict.target_relation }} ({{ columns }})
    select {{ columns }} from {{ arg_dict.temp_relation }}
{% endmacro %}
