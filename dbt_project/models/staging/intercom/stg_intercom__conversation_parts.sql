-- One row per message or note of a conversation, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('intercom', 'conversation_parts') }}
),

-- Materialized, or each mention of a time below would parse its number again.
renamed as materialized (

    select
        source._record_key,
        parts.conversation_id as conversation_native_id,
        lower({{ blank_to_null('parts.part_type') }}) as part_type,
        lower({{ blank_to_null('parts.channel') }}) as channel,
        {{ clean_text("parts.author ->> 'name'") }} as author_name,
        {{ normalise_email("(parts.author ->> 'email')") }} as author_email,
        {{ blank_to_null('parts.workspace') }} as workspace,
        {{ blank_to_null('parts.contact_external_id') }} as contact_external_id,
        -- Where words were redacted, Intercom says so in their place: those are nobody's.
        case
            when coalesce({{ to_boolean_or_null('parts.redacted') }}, false) then null
            else {{ plain_text('parts.body') }}
        end as text_plain,
        coalesce(parts.part_type like 'note%', false) as is_internal,
        {{ to_boolean_or_null('parts.redacted') }} as is_redacted,
        {{ intercom_sender_kind('parts.author') }} as author_kind,
        parts.author ->> 'id' as author_id,
        {{ moment_of_epoch('parts.created_at') }} as claimed_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as parts (
        conversation_id text, part_type text, channel text, author jsonb, contact_external_id text, body text,
        workspace text, redacted text, created_at text
    )

),

final as (

    select
        renamed.*,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as created_at
    from renamed

)

select * from final
