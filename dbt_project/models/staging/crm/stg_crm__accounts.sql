-- One row per account (a household or company) in the CRM, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes()) }}

with

source as (
    {{ newest_versions('crm', 'accounts', crm_version_began_at()) }}
),

renamed as (

    select
        source._record_key,
        accounts.id as account_id,
        {{ blank_to_null('accounts.industry') }} as industry,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as accounts (id text, industry text)

)

select * from renamed
