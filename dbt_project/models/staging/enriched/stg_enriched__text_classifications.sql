-- One row per distinct text, with the decisions of the classifier in use.
-- No `with`: Postgres plans a view with one separately, and would read every classified text to look up a day's.
select
    classified.text_key,
    classified.is_serviceable,
    classified.serviceable_reason,
    classified.serviceable_weight,
    classified.serviceable_decided_by,
    classified.serviceable_decision_id,
    classified.contact_type_codes,
    classified.contact_type_weights,
    classified.contact_type_decided_by,
    classified.contact_type_decision_ids,
    classified.issue_codes,
    classified.product_codes,
    classified.issue_weights,
    classified.issue_decided_by,
    classified.issue_decision_ids,
    classified.flags,
    classified.flag_decision_ids
from {{ source('enriched', 'text_classification') }} as classified
where
    classified.classifier_version = (
        select in_use.classifier_version from {{ source('enriched', 'classifier_in_use') }} as in_use
    )
