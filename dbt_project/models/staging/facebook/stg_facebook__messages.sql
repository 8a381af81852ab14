-- One row per Facebook message, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('facebook', 'messages') }}
),

renamed as materialized ( -- or each mention of a time below would parse its text again

    select
        source._record_key,
        source._record_key as message_id,
        coalesce({{ blank_to_null('messages.conversation_id') }}, source._record_key) as conversation_native_id,
        messages."from" ->> 'id' as author_native_id,
        {{ clean_text('(messages."from" ->> \'name\')') }} as author_name,
        jsonb_path_query_array(messages."to", '$.data[*].id') as addressee_ids,
        {{ clean_text('messages.message') }} as text_plain,
        {{ to_timestamp_or_null('messages.created_time') }} as claimed_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as messages (
        conversation_id text, "from" jsonb, "to" jsonb, message text, created_time text
    )

),

final as (

    select
        renamed.*,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as published_at
    from renamed

)

select * from final
