-- One row per version of a customer in any CRM, with its validity.
{{ config(tags=['standing']) }}

{% for relation in var('customer_relations') %}
    select {{ customer_columns() }}
    from {{ ref(relation) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
