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
        steps.actor_kind,
        null::text as actor_native_id,
        steps.occurred_at,
        jsonb_strip_nulls(jsonb_build_object('company_response', steps.company_response)) as source_attributes
    from complaints
    left join status_codes
        on complaints.company_response = status_codes.source_status
    -- The regulator tells when a complaint came and when it went to the company, never when the company answered.
    cross join
        lateral (
            values
            ('created', 'created', null, null, null, 'customer', complaints.received_at, null),
            (
                'sent', 'changed', 'status', null, 'new', 'system',
                {{ at_noon('complaints.sent_to_company_date') }}, null
            ),
            (
                'response', 'changed', 'status', 'new', coalesce(status_codes.status, complaints.company_response),
                'unknown', null::timestamptz, complaints.company_response
            )
        ) as steps (step, event_type, field, old_value, new_value, actor_kind, occurred_at, company_response)
    where case steps.step
        when 'sent' then complaints.sent_to_company_date is not null
        when 'response' then complaints.company_response is not null
        else true
    end

)

select * from final
