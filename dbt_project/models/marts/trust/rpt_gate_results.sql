-- One row per transform, table and rule of the gate, including refused transforms.
{{ config(materialized='view') }}

with

results as (

    select * from {{ source('ops', 'gate_results') }}

),

runs as (

    select * from {{ source('ops', 'transform_runs') }}

),

publications as (

    select * from {{ source('bi', 'publications') }}

),

final as (

    select
        results.transform_id || ':' || results.table_name || ':' || results.rule as gate_result_key,
        results.transform_id,
        publications.publication_id,
        results.table_name,
        results.rule,
        results.severity,
        runs.status as transform_status,
        results.checked_count,
        results.failed_count,
        results.is_success,
        runs.as_of,
        publications.published_at
    from results
    inner join runs
        on results.transform_id = runs.transform_id
    left join publications
        on results.transform_id = publications.transform_id

)

select * from final
