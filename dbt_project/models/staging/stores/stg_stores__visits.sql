-- One row per visit to a store, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('stores', 'visits') }}
),

-- Materialized, or each mention of a time below would parse its text again.
renamed as materialized (

    select
        source._record_key,
        source._record_key as conversation_native_id,
        {{ blank_to_null('visits.store') }} as store,
        {{ blank_to_null('visits.visit_id') }} as visit_id,
        {{ blank_to_null('visits.reason') }} as reason,
        {{ clean_text('visits.note') }} as note,
        {{ blank_to_null('visits.customer_ref') }} as customer_ref,
        {{ blank_to_null('visits.agent_id') }} as agent_native_id,
        lower({{ blank_to_null('visits.market') }}) as market_code,
        lower({{ blank_to_null('visits.brand') }}) as brand_code,
        {{ known_zone('visits.time_zone') }} as time_zone,
        visits.visited_at as visited_text,
        {{ to_timestamp_or_null('visits.visited_at') }} as visited_utc,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral {{ normalised_cells('source.payload') }} as normalised
    cross join lateral jsonb_to_record(normalised.payload) as visits (
        store text, visit_id text, visited_at text, time_zone text, reason text, note text, customer_ref text,
        agent_id text, market text, brand text
    )

),

dated as (

    select
        renamed.*,
        case
            when {{ has_offset('renamed.visited_text') }} then renamed.visited_utc
            else {{ moment_of_local("(renamed.visited_utc at time zone 'UTC')", 'renamed.time_zone') }}
        end as claimed_at
    from renamed

),

final as (

    select
        _record_key,
        conversation_native_id,
        store,
        visit_id,
        reason,
        note,
        customer_ref,
        agent_native_id,
        market_code,
        brand_code,
        time_zone,
        claimed_at,
        {{ plausible_or_read('claimed_at', '_extracted_at') }} as visited_at,
        _extracted_at,
        _load_id
    from dated

)

select * from final
