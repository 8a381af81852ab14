-- One row per source, resource, reason and UTC day with quarantined records: how many, without their content.
{{ config(materialized='view') }}

with

quarantine as (

    select
        *,
        (quarantined_at at time zone 'UTC')::date as date_key
    from {{ source('raw', 'quarantine') }}

),

final as (

    select
        concat_ws(':', source, resource, reason, date_key) as quarantine_key,
        source,
        resource,
        reason,
        date_key,
        count(*) as quarantined_count
    from quarantine
    group by source, resource, reason, date_key

)

select * from final
