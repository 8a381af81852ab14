-- One row per Salesforce account, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes()) }}

with

source as (
    {{ newest_versions('salesforce', 'accounts') }}
),

renamed as (

    select
        source._record_key,
        'salesforce:' || accounts."Id" as account_id,
        lower({{ blank_to_null('accounts."Industry"') }}) as industry,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as accounts ("Id" text, "Industry" text)

)

select * from renamed
