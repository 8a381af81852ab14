-- One row per complaint, as one utterance of its consumer: the narrative.
with

complaints as (

    select * from {{ ref('stg_complaints__complaints') }}

),

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'complaints'

),

final as (

    select
        'complaints:' || complaints._record_key as interaction_id,
        'complaints' as source,
        complaints.company as source_account,
        complaints._record_key as native_id,
        complaints.conversation_native_id,
        complaints.submitted_via as source_channel,
        'earned' as surface,
        'private' as visibility,
        false as is_internal,
        'inbound' as direction,
        'customer' as sender_kind,
        complaints.received_at as published_at,
        coalesce({{ at_noon('complaints.sent_to_company_date') }}, complaints.received_at) as available_at,
        complaints._extracted_at as extracted_at,
        complaints.narrative as text_plain,
        source_accounts.market_code,
        source_accounts.brand_code,
        jsonb_strip_nulls(jsonb_build_object(
            'product', complaints.product,
            'sub_product', complaints.sub_product,
            'issue', complaints.issue,
            'sub_issue', complaints.sub_issue,
            'state_code', complaints.state_code,
            'company_response', complaints.company_response,
            'is_timely', complaints.is_timely,
            'is_disputed', complaints.is_disputed,
            'time_precision', 'day'
        )) as source_attributes,
        {{ nulls_for(
            'in_reply_to_native_id', 'author_native_id', 'author_handle', 'author_name', 'author_email', 'author_phone',
            'author_external_id', 'author_followers', 'agent_native_id', 'edited_at', 'deleted_at', 'rating', 'url',
            'likes', 'shares', 'views'
        ) }}
    from complaints
    left join source_accounts
        on complaints.company = source_accounts.source_account

)

select * from final
