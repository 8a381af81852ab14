{#
    Removes what an incremental model keeps of authors whose source has come to forbid to match them. Written out, for the
    planner then knows that there is next to nothing, and finds it by index.
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
