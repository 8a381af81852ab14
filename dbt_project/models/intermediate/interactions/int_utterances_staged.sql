-- One row per staged record that is an utterance.
{{ config(tags=['standing']) }}

{% for relation in var('interaction_relations') %}
    select
        '{{ relation.split('__')[0] | replace('stg_', '') }}' as source,
        _record_key
    from {{ ref(relation) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
