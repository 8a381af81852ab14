-- One row per phone call, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('phone', 'calls') }}
),

-- Materialized, or each mention of a time below would parse its text again.
renamed as materialized (

    select
        source._record_key,
        source._record_key as conversation_native_id,
        {{ blank_to_null('calls.call_id') }} as call_id,
        lower({{ blank_to_null('calls.pbx') }}) as pbx,
        {{ blank_to_null('calls.agent_id') }} as agent_native_id,
        {{ blank_to_null('calls.customer_ref') }} as customer_ref,
        {{ blank_to_null('calls.queue') }} as queue,
        lower({{ blank_to_null('calls.brand') }}) as brand_code,
        lower({{ blank_to_null('calls.market') }}) as market_code,
        {{ clean_text('calls.agent_name') }} as agent_name,
        -- A short number is one of the house's own; a withheld one has no digit.
        coalesce(
            {{ normalise_phone('calls.caller_number') }}, nullif(regexp_replace(calls.caller_number, '\D', '', 'g'), '')
        ) as caller_number,
        lower({{ blank_to_null('calls.disposition') }}) as disposition,
        {{ clean_text('calls.summary') }} as summary,
        {{ to_number_or_null('calls.csat') }} as csat,
        {{ to_boolean_or_null('calls.resolved') }} as is_resolved,
        {{ to_timestamp_or_null('calls.started_at') }} as claimed_started_at,
        {{ to_timestamp_or_null('calls.answered_at') }} as claimed_answered_at,
        {{ to_timestamp_or_null('calls.ended_at') }} as claimed_ended_at,
        source._extracted_at, source._load_id
    from source
    cross join lateral {{ normalised_cells('source.payload') }} as normalised
    cross join lateral jsonb_to_record(normalised.payload) as calls (
        call_id text, pbx text, queue text, brand text, market text, caller_number text, customer_ref text,
        agent_id text, agent_name text, started_at text, answered_at text, ended_at text, disposition text,
        resolved text, csat text, summary text
    )

),

plausible as (

    select
        renamed.*,
        {{ plausible_or_null('renamed.claimed_started_at', 'renamed._extracted_at') }} as plausible_started_at,
        {{ plausible_or_null('renamed.claimed_answered_at', 'renamed._extracted_at') }} as plausible_answered_at,
        {{ plausible_or_null('renamed.claimed_ended_at', 'renamed._extracted_at') }} as plausible_ended_at
    from renamed

),

final as (

    select
        *,
        coalesce(plausible_started_at, plausible_answered_at, plausible_ended_at, _extracted_at) as started_at,
        -- Any other moment of answering would time the wait wrongly; a machine that takes a message answers nobody.
        case
            when disposition = 'voicemail' then null
            when plausible_answered_at between plausible_started_at and coalesce(claimed_ended_at, 'infinity')
                then plausible_answered_at
        end as answered_at,
        plausible_ended_at as ended_at
    from plausible

)

select * from final
