-- One row per phone call, as one utterance of its caller: the transcript or, without one, the agent's summary.
with

calls as (

    select * from {{ ref('stg_phone__calls') }}

),

turns as (

    select * from {{ ref('stg_phone__transcripts') }}

),

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'phone'

),

final as (

    select
        'phone:' || calls._record_key as interaction_id,
        'phone' as source,
        calls.pbx as source_account,
        calls._record_key as native_id,
        calls.conversation_native_id,
        'call' as source_channel,
        'owned' as surface,
        'private' as visibility,
        false as is_internal,
        'inbound' as direction,
        'customer' as sender_kind,
        -- A caller is known by the number, one who hides it by the reference they give, and without both by nothing.
        coalesce(calls.caller_number, calls.customer_ref) as author_native_id,
        calls.caller_number as author_phone,
        calls.customer_ref as author_external_id,
        calls.agent_native_id,
        calls.started_at as published_at,
        calls.started_at as available_at,
        calls._extracted_at as extracted_at,
        coalesce(spoken.text_plain, calls.summary) as text_plain,
        -- One PBX may answer for several brands: what the call itself says goes first.
        coalesce(calls.market_code, source_accounts.market_code) as market_code,
        coalesce(calls.brand_code, source_accounts.brand_code) as brand_code,
        -- A telephone has ten keys, and the survey's scale five steps.
        case when calls.csat between 1 and 5 then calls.csat end as rating,
        jsonb_strip_nulls(jsonb_build_object(
            'queue', calls.queue,
            'disposition', calls.disposition,
            'is_noted_by_staff',
            case when spoken.text_plain is null and (spoken.turn_count = 0 or calls.summary is not null) then true end,
            'claimed_started_at', nullif(calls.claimed_started_at, calls.started_at)
        )) as source_attributes,
        {{ nulls_for(
            'in_reply_to_native_id', 'author_handle', 'author_name', 'author_email', 'author_followers', 'edited_at',
            'deleted_at', 'url', 'likes', 'shares', 'views'
        ) }}
    from calls
    -- By index for each call: only calls of touched conversations are asked for.
    left join lateral (
        select
            string_agg(turns.text_plain, e'\n' order by turns.turn_number, turns.said_at) as text_plain,
            -- Its turns stay when their words go.
            count(*) as turn_count
        from turns
        where calls._record_key = turns.conversation_native_id and turns.speaker = 'customer'
    ) as spoken on true
    left join source_accounts
        on calls.pbx = source_accounts.source_account

)

select * from final
