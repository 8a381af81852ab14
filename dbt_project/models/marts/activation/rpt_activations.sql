-- One row per item that was sent out of the warehouse, or is being sent: what, to whom, when, and its id there.
{{ config(materialized='view') }}

with

final as (

    select
        activation_id,
        kind,
        target,
        state,
        item_id,
        conversation_id,
        market_code,
        team_code,
        action,
        remote_id,
        attempt_count,
        error_kind,
        transform_id,
        as_of,
        planned_at,
        sent_at
    from {{ source('bi', 'activations') }}

)

select * from final
