{#
    Dropping a table also drops the views that read it, so only one thread drops at a time: two would each lock some of
    the views that depend on both tables and wait for the rest, a deadlock.

    A former version that was set aside is dropped outside of dbt's transactions and committed at once. If a session begins
    with it, after a run that was killed, the driver has opened a transaction that dbt does not know of, and nobody else
    could drop anything until the model is built.
#}
{% macro postgres__drop_relation(relation) %}
    {%- set is_aside = relation.identifier.endswith('__dbt_backup') or relation.identifier.endswith('__dbt_tmp') -%}
    {% call statement('drop_relation', auto_begin=not is_aside) -%}
        {{ 'begin;' if is_aside }}
        select pg_advisory_xact_lock(hashtext('social_crm.views'));
        {{ get_drop_sql(relation) }};
        {{ 'commit' if is_aside }}
    {%- endcall %}
{% endmacro %}
