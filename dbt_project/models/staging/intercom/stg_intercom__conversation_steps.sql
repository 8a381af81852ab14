-- One row per part of a conversation, without its text, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('intercom', 'conversation_steps') }}
),

-- Materialized, or each mention of a time below would parse its number again.
renamed as materialized (

    select
        source._record_key,
        parts.conversation_id as conversation_native_id,
        lower({{ blank_to_null('parts.part_type') }}) as part_type,
        lower({{ blank_to_null('parts.state') }}) as state,
        lower({{ blank_to_null("parts.assigned_to ->> 'type'") }}) as assignee_kind,
        -- No admin has this number; it takes the conversation from whoever had it.
        nullif(parts.assigned_to ->> 'id', '0') as assignee_id,
        parts.author ->> 'id' as author_id,
        {{ moment_of_epoch('parts.created_at') }} as claimed_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as parts (
        conversation_id text, part_type text, state text, assigned_to jsonb, author jsonb, created_at text
    )

),

final as (

    select
        renamed.*,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as created_at
    from renamed

)

select * from final
