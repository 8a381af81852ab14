-- One row per complaint that the regulator passed on, in its newest version, from any layout.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('complaints', 'complaints') }}
),

renamed as (

    select
        source._record_key,
        source._record_key as conversation_native_id,
        {{ blank_to_null('complaints.complaint_id') }} as complaint_id,
        {{ blank_to_null('complaints.company') }} as company,
        {{ blank_to_null('complaints.product') }} as product,
        {{ blank_to_null('complaints.sub_product') }} as sub_product,
        {{ blank_to_null('complaints.issue') }} as issue,
        {{ blank_to_null('complaints.sub_issue') }} as sub_issue,
        {{ blank_to_null('complaints.state') }} as state_code,
        lower({{ blank_to_null('complaints.submitted_via') }}) as submitted_via,
        lower(coalesce(
            {{ blank_to_null('complaints.company_response_to_consumer') }},
            {{ blank_to_null('complaints.company_response') }}
        )) as company_response,
        {{ clean_text('coalesce(complaints.consumer_complaint_narrative, complaints.complaint_what_happened)') }}
            as narrative,
        {{ to_boolean_or_null('coalesce(complaints.timely_response, complaints.timely)') }} as is_timely,
        {{ to_boolean_or_null('complaints.consumer_disputed') }} as is_disputed,
        {{ to_iso_date('complaints.date_received') }} as received_date_text,
        {{ to_iso_date('complaints.date_sent_to_company') }} as sent_date_text,
        source._extracted_at,
        source._load_id
    from source
    -- The layouts differ in case, blanks, dashes and question marks of the same column names.
    cross join lateral {{ normalised_cells('source.payload') }} as normalised
    cross join lateral jsonb_to_record(normalised.payload) as complaints (
        complaint_id text, company text, product text, sub_product text, issue text, sub_issue text, state text,
        submitted_via text, company_response text, company_response_to_consumer text, timely text, timely_response text,
        consumer_complaint_narrative text, complaint_what_happened text, consumer_disputed text, date_received text,
        date_sent_to_company text
    )

),

dated as (

    select
        renamed.*,
        {{ to_date_or_null('renamed.received_date_text') }} as received_date,
        {{ to_date_or_null('renamed.sent_date_text') }} as sent_to_company_date
    from renamed

),

final as (

    select
        dated.*,
        {{ plausible_or_read(at_noon('dated.received_date'), 'dated._extracted_at') }} as received_at
    from dated

)

select * from final
