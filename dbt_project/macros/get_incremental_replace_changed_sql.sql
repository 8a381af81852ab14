{#
    Incremental strategy `replace_changed`: rows whose `unique_key` is among the changed keys go, the new ones come,
    in dbt's transaction. The changed keys are those of the model named in `meta.changed_keys` (which the model must
    also `ref`, see `only_changed`), so that a key with no rows left disappears; without it, the keys of the new rows.
#}
{% macro get_incremental_replace_changed_sql(arg_dict) %}
    {%- set keys = arg_dict.unique_key -%}
    {%- set keys = [keys] if keys is string else keys -%}
    {%- set columns = get_quoted_csv(arg_dict.dest_columns | map(attribute='name')) -%}
    {%- set changed_model = (config.get('meta') or {}).get('changed_keys') -%}
    {%- set changed = ref(changed_model) if changed_model else arg_dict.temp_relation -%}

    {#- Only where the new rows say what goes are they joined with anything. #}
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
