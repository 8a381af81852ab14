{#
    A new table has no statistics, and plans made without them are wrong by orders of magnitude. A table that grew by a
    few rows keeps its statistics: sampling a fact of millions of rows would cost more than its new rows do. A table that
    is rebuilt each time needs no autovacuum, because nothing changes in it, and a third of the usual sample is enough.
#}
{% macro analyze_table() -%}
    {%- if model.config.materialized == 'view' -%}
    {%- elif model.config.materialized == 'table' -%}
        alter table {{ this }} set (autovacuum_enabled = false);
        set local default_statistics_target = 30;
        analyze {{ this }}
    {%- elif not is_incremental() or has_outgrown_statistics() -%}
        analyze {{ this }}
    {%- endif -%}
{%- endmacro %}
