-- One row per ticket comment, the description included, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id', 'author_id')) }}

with

source as (
    {{ newest_versions('zendesk', 'comments') }}
),

-- Materialized, or each mention of a time below would parse its text again.
renamed as materialized (

    select
        source._record_key,
        comments.id as comment_id,
        comments.ticket_id,
        comments.ticket_id as conversation_native_id,
        comments.author_id,
        {{ zendesk_via_channel('comments.via') }} as via_channel,
        coalesce(
            {{ plain_text('comments.html_body') }}, {{ clean_text('coalesce(comments.plain_body, comments.body)') }}
        ) as text_plain,
        not coalesce({{ to_boolean_or_null('comments.public') }}, false) as is_internal,
        {{ to_timestamp_or_null('comments.created_at') }} as claimed_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as comments (
        id text, ticket_id text, author_id text, via jsonb, html_body text, plain_body text, body text, public text,
        created_at text
    )

),

final as (

    select
        renamed.*,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as created_at
    from renamed

)

select * from final
