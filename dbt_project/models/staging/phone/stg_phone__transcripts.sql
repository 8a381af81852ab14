-- One row per turn of a phone call's transcript, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('phone', 'transcripts') }}
),

renamed as materialized ( -- or each mention of a time below would parse its text again

    select
        source._record_key,
        source._record_key as turn_id,
        -- As the log's calls are known: an exchange and its own number of the call.
        btrim(turns.pbx) || '/' || btrim(turns.call_id) as conversation_native_id,
        lower({{ blank_to_null('turns.pbx') }}) as pbx,
        {{ to_number_or_null('turns.turn') }} as turn_number,
        lower({{ blank_to_null('turns.speaker') }}) as speaker,
        {{ clean_text('turns."text"') }} as text_plain,
        {{ to_timestamp_or_null('turns.said_at') }} as claimed_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral {{ normalised_cells('source.payload') }} as normalised
    cross join lateral jsonb_to_record(normalised.payload) as turns (
        call_id text, pbx text, turn text, speaker text, "text" text, said_at text
    )

),

final as (

    select
        renamed.*,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as said_at
    from renamed

)

select * from final
