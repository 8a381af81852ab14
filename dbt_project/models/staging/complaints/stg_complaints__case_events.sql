-- One row per known step of a complaint: received, passed on to the company, answered by it.
with

complaints as (

    select * from {{ ref('stg_complaints__complaints') }}

),

status_codes as (

    select * from {{ ref('status_codes') }}
    where source = 'complaints'

),

final as (

    select
        'complaints:' || complaints._record_key || ':' || steps.step as case_event_id,
        'complaints' as source,
        complaints.conversation_native_id,
        steps.event_type,
        steps.field,
        steps.old_value,
        steps.new_value,
        null::text as actor_native_id,
        steps.occurred_at
    from complaints
    left join status_codes
        on complaints.company_response = status_codes.source_status
    -- The regulator tells when a complaint came and when it went to the company, never when the company answered.
    cross join
        lateral (
            values
            ('created', 'created', null, null, null, complaints.received_at),
            ('sent', 'changed', 'status', null, 'new', {{ at_noon('complaints.sent_to_company_date') }}),
            (
                'response', 'changed', 'status', 'new', coalesce(status_codes.status, complaints.company_response),
                null::timestamptz
            )
        ) as steps (step, event_type, field, old_value, new_value, occurred_at)
    where case steps.step
        when 'sent' then complaints.sent_to_company_date is not null
        when 'response' then complaints.company_response is not null
        else true
    end

)

select * from final
