{#
    The common part of newest_versions and all_versions: raw rows of visible loads. A full refresh reads the table once; an
    incremental run looks up each key of a pending load, by index whatever the planner knows about the table.
#}
{% macro visible_versions(source_name, table, per_key, overall='') %}
    {%- set raw = source(source_name, table) -%}
    {#- Outside the `if`: dbt must see the references even when it parses as a full refresh. -#}
    {%- set visible, pending = source('ops', 'visible_loads'), source('ops', 'pending_loads') -%}
    {%- if is_incremental() %}
        select found.*
        from (
            -- A key may occur several times.
            select distinct arrived._record_key
            from {{ raw }} as arrived
            where arrived._load_id in ({{ pending_load_ids(pending) }})
        ) as touched
        cross join lateral (
            select versions.*
            from {{ raw }} as versions
            where
                versions._record_key = touched._record_key
                -- `is true` makes this a hash that is built once, instead of a join for each key.
                and (versions._load_id in (select visible.load_id from {{ visible }} as visible)) is true
            {{ per_key }}
        ) as found
    {%- else %}
        select {{ overall }} versions.*
        from {{ raw }} as versions
        where versions._load_id in (select visible.load_id from {{ visible }} as visible)
    {%- endif %}
{% endmacro %}
