-- One row per utterance of a touched conversation, with its meaning according to people, its source and its text.

with

contexts as (

    select * from {{ ref('int_interaction_contexts') }}

),

texts as (

    select * from {{ ref('stg_enriched__text_classifications') }}

),

labels as (

    select * from {{ ref('int_interaction_labels') }}

),

contact_types as (

    select * from {{ ref('contact_types') }}

),

final as (

    select
        contexts.*,
        labels.is_serviceable as labelled_serviceable,
        labels.serviceable_label_id,
        labels.is_direct as labelled_direct,
        labels.is_peer_answer as labelled_peer_answer,
        -- What the words ask for: according to the person who set the contact type, else as classified from the text.
        coalesce(labels.contact_type_code, texts.contact_type_codes[1]) as said_type_code,
        coalesce(labelled_types.is_serviceable, texts.is_serviceable) as said_serviceable,
        case
            when labels.contact_type_code is not null then labels.contact_type_code
            when contexts.text_key is null then 'no_text'
            when texts.text_key is null then 'not_classified_yet'
            else coalesce(texts.serviceable_reason, 'undecided')
        end as said_reason,
        case when labels.contact_type_code is null then texts.serviceable_weight end as said_weight,
        case when labels.contact_type_code is null then texts.serviceable_decided_by else 'human' end as said_by,
        coalesce(labels.contact_type_label_id, texts.serviceable_decision_id) as said_decision_id,
        coalesce(labels.contact_type_code, contexts.source_type_code, texts.contact_type_codes[1]) as contact_type_code,
        case
            when labels.contact_type_code is not null then 'human'
            when contexts.source_type_code is not null then 'source'
            else texts.contact_type_decided_by[1]
        end as contact_type_decided_by,
        case
            when labels.contact_type_code is not null then labels.contact_type_label_id
            when contexts.source_type_code is not null then 'source'
            else texts.contact_type_decision_ids[1]
        end as contact_type_decision_id,
        coalesce(labels.issue_code, contexts.source_issue_code, texts.issue_codes[1]) as issue_code,
        coalesce(labels.product_code, contexts.source_product_code, texts.product_codes[1]) as product_code,
        case
            when labels.issue_label_id is not null then 'human'
            when coalesce(contexts.source_issue_code, contexts.source_product_code) is not null then 'source'
            else texts.issue_decided_by[1]
        end as issue_decided_by,
        {# In a private message or a note personal data is where it belongs; a card number belongs nowhere. -#}
        {% for column, flag in risk_flags().items() -%}
            coalesce(
                labels.{{ column }},
                '{{ flag }}' = any(texts.flags){% if flag == 'personal_data' %} and contexts.is_public{% endif %},
                false
            ) as {{ column }},
        {% endfor -%}
        case
            when labels.issue_label_id is not null then labels.issue_label_id
            when coalesce(contexts.source_issue_code, contexts.source_product_code) is not null then 'source'
            else texts.issue_decision_ids[1]
        end as issue_decision_id
    from contexts
    left join texts
        on contexts.text_key = texts.text_key
    left join labels
        on contexts.interaction_id = labels.interaction_id
    left join contact_types as labelled_types
        on labels.contact_type_code = labelled_types.contact_type_code

)

select * from final
