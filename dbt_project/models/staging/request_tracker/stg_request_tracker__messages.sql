-- One row per message or comment on a ticket, including the one that opened it.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions_and_first('request_tracker', 'messages') }}
),

-- Materialized, or each mention of a time below would parse its text again.
renamed as materialized (

    select
        source._record_key,
        source.payload ->> 'ObjectId' as conversation_native_id,
        lower(source.payload ->> 'Type') as message_type,
        lower({{ blank_to_null("source.payload ->> 'Interface'") }}) as interface,
        source.payload #>> '{Creator,id}' as author_id,
        coalesce(
            {{ clean_text("source.payload #>> '{Creator,RealName}'") }},
            {{ clean_text("source.payload #>> '{Creator,Name}'") }}
        ) as author_name,
        {{ normalise_email("(source.payload #>> '{Creator,EmailAddress}')") }} as author_email,
        coalesce(
            nullif({{ request_tracker_sender_kind("(source.first_payload -> 'Creator')") }}, 'unknown'),
            {{ request_tracker_sender_kind("(source.payload -> 'Creator')") }}
        ) as author_kind,
        coalesce(
            {{ clean_text(without_quotes('given.plain')) }},
            {{ clean_text(without_quotes(plain_text(without_html_quotes('given.html')))) }}
        ) as text_plain,
        {{ to_number_or_null("(source.payload ->> 'file_count')") }}::bigint as file_count,
        {{ to_timestamp_or_null("(source.payload ->> 'Created')") }} as claimed_at,
        source._extracted_at,
        source._load_id
    from source
    cross join
        lateral (
            values (
                case when source.payload ->> 'ContentType' <> 'text/html' then source.payload ->> 'Content' end,
                case when source.payload ->> 'ContentType' = 'text/html' then source.payload ->> 'Content' end
            )
        ) as given (plain, html)

),

final as (

    select
        renamed.*,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as created_at
    from renamed

)

select * from final
