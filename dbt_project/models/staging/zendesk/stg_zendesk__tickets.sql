-- One row per ticket, in its newest version, including deleted ones.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('zendesk', 'tickets') }}
),

renamed as (

    select
        source._record_key,
        tickets.id as ticket_id,
        tickets.id as conversation_native_id,
        tickets.brand_id,
        -- The company tags each ticket with its market.
        substring(lower(tickets.tags) from '"market_([a-z0-9]+)"') as market_code,
        {{ zendesk_via_channel('tickets.via') }} as via_channel,
        lower(tickets.status) as status,
        lower(tickets.type) as ticket_type,
        tickets.requester_id,
        tickets.tags::jsonb as tags,
        lower(tickets.satisfaction_rating ->> 'score') as satisfaction_score,
        -- The prefix that social_crm.activation gives to the cases it makes: no customer opened those.
        coalesce(starts_with(tickets.external_id, 'social_crm:'), false) as is_made_by_us,
        {{ to_timestamp_or_null('tickets.created_at') }} as created_at,
        {{ to_timestamp_or_null('tickets.updated_at') }} as updated_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as tickets (
        id text, brand_id text, via jsonb, status text, type text, requester_id text, tags text,
        satisfaction_rating jsonb, created_at text, updated_at text, external_id text
    )

)

select * from renamed
