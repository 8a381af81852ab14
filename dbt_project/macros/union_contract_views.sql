{#
    All rows of `stg_<source>__<contract>` of the given sources; on an incremental run only those of conversations in
    int_conversations_changed, queried source by source so that each view uses its index.
#}
{% macro union_contract_views(sources, contract, columns) -%}
    {%- set changed = ref('int_conversations_changed') -%}
    {%- for source_name in sources %}
    select {{ columns }}
    from {{ ref('stg_' ~ source_name ~ '__' ~ contract) }}
    {%- if is_incremental() %}
    where
        -- An array instead of a subquery, because only an array is pushed down into views that are unions themselves.
        conversation_native_id = any(array(
            select changed.conversation_native_id from {{ changed }} as changed where changed.source = '{{ source_name }}'
        ))
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
