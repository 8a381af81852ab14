-- One row per account (a household or company) in any CRM, in its newest version.
{{ config(tags=['standing']) }}

{% for relation in var('account_relations') %}
    select
        account_id,
        industry,
        _load_id
    from {{ ref(relation) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
