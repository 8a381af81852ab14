{#
    Creates views as dbt does, but in one transaction, so that only one is dropped at a time, with all views that read it
    (drop_relation).
#}
{% materialization view, adapter='postgres' %}
    {%- set view = this.incorporate(type='view') -%}
    {%- set existing = load_cached_relation(this) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {#- dbt's cache may be wrong: dropping a view that this one reads also drops this one. #}
    {% do adapter.drop_relation(view if existing is none else existing) %}
    {% call statement('main') -%}
        {{ get_create_view_as_sql(view, sql) }}
    {%- endcall %}
    {% do apply_grants(view, config.get('grants'), should_revoke=False) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [view]}) }}
{% endmaterialization %}
