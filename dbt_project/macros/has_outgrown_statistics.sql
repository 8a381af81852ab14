{#
    Whether a tenth of the table, or all of a small one, changed since it was last analyzed. Changes by this transaction
    only count once it has ended.
#}
{% macro has_outgrown_statistics() -%}
    {%- if execute -%}
        {%- set query -%}
            select coalesce(bool_and(
                pg_stat_get_mod_since_analyze(oid) + pg_stat_get_xact_tuples_inserted(oid)
                + pg_stat_get_xact_tuples_updated(oid) + pg_stat_get_xact_tuples_deleted(oid)
                < greatest(reltuples, 0) / 10
            ), false)
            from pg_class
            where oid = to_regclass('{{ this }}')
        {%- endset -%}
        {{ return(not run_query(query).columns[0].values()[0]) }}
    {%- endif -%}
    {{ return(true) }}
{%- endmacro %}
