-- One row per period for which a resource of a source can no longer deliver.
{{ config(materialized='view') }}

with

gaps as (

    select * from {{ source('raw', 'load_gaps') }}

),

final as (

    select
        concat_ws(':', source, resource, extract(epoch from gap_start), extract(epoch from gap_end)) as load_gap_key,
        source,
        resource,
        reason,
        {{ seconds_between('gap_start', 'gap_end') }} as gap_seconds,
        gap_start,
        gap_end,
        detected_at
    from gaps

)

select * from final
