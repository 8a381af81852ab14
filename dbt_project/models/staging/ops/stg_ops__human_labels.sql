-- One row per utterance and kind of decision by people, with the newest decision, even if that withdraws it.
with

source as (

    select * from {{ source('ops', 'visible_labels') }}

),

pending as (

    select * from {{ source('ops', 'pending_labels') }}

),

final as (

    select distinct on (source.interaction_id, source.decision)
        source.interaction_id,
        source.decision,
        source.value,
        'label:' || source.label_id as decision_id,
        source.label_id in (select pending.label_id from pending) as is_pending
    from source
    order by source.interaction_id asc, source.decision asc, source.label_id desc

)

select * from final
