{#
    Every drop takes views along that read what goes, so one thread drops at a time: two would each have taken some of
    the views that hang on both tables, and wait for the rest, a deadlock.

    A former version set aside goes outside of dbt's transactions, and is committed at once: where a session begins with
    it, after a run that was killed, the driver has opened a transaction that dbt knows nothing of, and nobody else would
    drop anything before the model is built.
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
