-- One row per distinct text, with what the classifier in use decided of it.
with

source as (

    select * from {{ source('enriched', 'text_classification') }}

),

renamed as (

    select
        text_key,
        is_serviceable,
        serviceable_reason,
        serviceable_decided_by,
        serviceable_decision_id,
        contact_type_codes,
        contact_type_weights,
        contact_type_decided_by,
        contact_type_decision_ids,
        issue_codes,
        product_codes,
        issue_weights,
        issue_decided_by,
        issue_decision_ids,
        flags
    from source
    where
        classifier_version = (
            select in_use.classifier_version from {{ source('enriched', 'classifier_in_use') }} as in_use
        )

)

select * from renamed
