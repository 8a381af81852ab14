-- One row per utterance labelled by a person, with each decision that is in force.
{{ config(tags=['standing']) }}
{% set decisions = [
    'is_serviceable', 'contact_type_code', 'issue_code', 'product_code', 'is_direct', 'is_peer_answer'
] + (risk_flags() | list) %}

with

labels as (

    select * from {{ ref('stg_ops__human_labels') }}
    where value is not null

),

final as (

    select
        interaction_id,
        {% for decision in decisions -%}
            max(value) filter (where decision = '{{ decision }}')
            {{- '::boolean' if not decision.endswith('_code') }} as {{ decision }},
        {% endfor -%}
        max(decision_id) filter (where decision = 'is_serviceable') as serviceable_label_id,
        max(decision_id) filter (where decision = 'contact_type_code') as contact_type_label_id,
        max(decision_id) filter (where decision in ('issue_code', 'product_code')) as issue_label_id
    from labels
    group by interaction_id

)

select * from final
