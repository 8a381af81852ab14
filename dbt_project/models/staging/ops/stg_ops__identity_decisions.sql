-- One row per author and customer, with the newest decision of a person on whether they are the same.
with

source as (

    select * from {{ source('ops', 'visible_decisions') }}

),

pending as (

    select * from {{ source('ops', 'pending_decisions') }}

),

final as (

    select distinct on (source.source, source.author_native_id, source.customer_id)
        source.source,
        source.author_native_id,
        source.customer_id,
        source.verdict,
        source.decision_id,
        source.decided_at,
        source.decision_id in (select pending.decision_id from pending) as is_pending
    from source
    order by source.source asc, source.author_native_id asc, source.customer_id asc, source.decision_id desc

)

select * from final
