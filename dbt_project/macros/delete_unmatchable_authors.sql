{#
    Removes the authors of an incremental model whose source now forbids matching them. The sources are written out, so
    that the planner knows that there are hardly any rows, and finds them by index.
#}
{% macro delete_unmatchable_authors() -%}
    {%- if is_incremental() and execute -%}
        {%- set allowed = run_query('select source from ' ~ ref('source_policies') ~ ' where may_match_identities') -%}
        {%- set forbidden = var('interaction_sources') | reject('in', allowed.columns[0].values()) | list -%}
        {%- if forbidden -%}
            delete from {{ this }} where source in ('{{ forbidden | join("', '") }}')
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
