-- One row per audit: what one update of a ticket changed, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('zendesk', 'audits') }}
),

-- Materialized, or each mention of a time below would parse its text again.
renamed as materialized (

    select
        source._record_key,
        audits.id as audit_id,
        audits.ticket_id,
        audits.ticket_id as conversation_native_id,
        audits.author_id,
        -- The closed ticket's audit names the one that lives on; that one's audit lists `ticket_ids` instead.
        coalesce(audits.via #>> '{source,to,ticket_id}', audits.via #>> '{source,from,ticket_id}') as related_ticket_id,
        -- Comments are records of their own; here they would only repeat what customers said.
        jsonb_path_query_array(
            audits.events,
            '$[*] ? (@.type like_regex "^(Create|Change)$"
                && @.field_name like_regex "^(status|assignee_id|group_id|priority|tags)$")'
        ) as changes,
        {{ to_timestamp_or_null('audits.created_at') }} as claimed_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as audits (
        id text, ticket_id text, author_id text, via jsonb, events jsonb, created_at text
    )

),

final as (

    select
        renamed.*,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as created_at
    from renamed

)

select * from final
