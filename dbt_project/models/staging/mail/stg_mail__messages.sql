-- One row per e-mail in any mailbox, as last found.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id', 'message_id')) }}

with

source as (
    {{ newest_versions('mail', 'messages') }}
),

-- Materialized, or each mention of a time or text below would read it again.
renamed as materialized (

    select
        source._record_key,
        substring(messages.message_id from '<([^<>]+)>') as message_id,
        -- The last one named is the mail that is answered; some write the whole thread here.
        btrim(messages.in_reply_to ->> -1, '<>') as answered_message_id,
        btrim(messages.refs ->> 0, '<>') as first_message_id,
        messages.mailbox,
        {{ normalise_email("(messages.sender #>> '{0,address}')") }} as sender_address,
        {{ clean_text("(messages.sender #>> '{0,name}')") }} as sender_name,
        {{ normalise_email("(source.payload #>> '{reply_to,0,address}')") }} as reply_address,
        {{ clean_text("(source.payload #>> '{reply_to,0,name}')") }} as reply_name,
        jsonb_path_query_array(
            lower(messages.recipients::text)::jsonb, '$[*].address ? (@ != null)'
        ) as recipient_addresses,
        {{ clean_text('messages.subject') }} as subject,
        coalesce(
            {{ clean_text(without_quotes('messages.text_body')) }},
            {{ clean_text(without_quotes(plain_text(without_html_quotes('messages.html')))) }}
        ) as text_body,
        messages.attachment_count,
        messages.is_sent_mailbox,
        messages.is_cut,
        coalesce(lower(messages.auto_submitted) <> 'no', false) as is_automatic,
        coalesce(messages.content_type = 'multipart/report', false) as is_delivery_report,
        {{ to_timestamp_or_null('messages.sent_at') }} as claimed_at,
        {{ to_timestamp_or_null('messages.received_at') }} as claimed_received_at,
        source._extracted_at, source._load_id
    from source
    cross join lateral (
        select
            record.*,
            source.payload -> 'from' as sender,
            source.payload -> 'references' as refs,
            source.payload ->> 'text' as text_body,
            coalesce(source.payload -> 'to', '[]') || coalesce(source.payload -> 'cc', '[]')
            || coalesce(source.payload -> 'delivered_to', '[]') as recipients
        from jsonb_to_record(source.payload) as record (
            message_id text, in_reply_to jsonb, mailbox text, subject text, html text, sent_at text, received_at text,
            attachment_count integer, is_sent_mailbox boolean, is_cut boolean, auto_submitted text, content_type text
        )
    ) as messages

),

final as (

    select
        renamed.*,
        -- A hash, for senders' systems write names into such ids.
        md5(coalesce(
            renamed.first_message_id, renamed.answered_message_id, renamed.message_id, renamed._record_key
        )) as conversation_native_id,
        {{ plausible_or_read('renamed.claimed_received_at', 'renamed._extracted_at') }} as received_at
    from renamed

)

select * from final
