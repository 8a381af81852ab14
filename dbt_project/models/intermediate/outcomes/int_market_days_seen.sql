-- One row per conversation and market day on which somebody spoke in it, now or in an earlier version of it.
{{
    config(
        materialized='incremental',
        unique_key='source_conversation_id',
        meta={'changed_keys': 'int_conversations_touched'},
        indexes=[
            {'columns': ['source_conversation_id', 'market_code', 'local_date_key'], 'unique': True},
            {'columns': ['market_code', 'local_date_key']},
            {'columns': ['seen_by_transform']}
        ]
    )
}}

with

touched as (

    select * from {{ ref('int_conversations_touched') }}

),

-- What the counts of a day depend on: rpt_interaction_days on these columns, everything else on mentions. Most of an
-- old conversation that continues stays unchanged, and its days need no new count.
counted as (

    select
        interactions.source_conversation_id,
        interactions.market_key as market_code,
        parties.local_date_key,
        hash_record_extended(
            row(
                interactions.interaction_id, interactions.brand_key, interactions.channel_code, interactions.direction,
                interactions.visibility, interactions.surface, interactions.thread_sender_kind,
                interactions.is_internal, interactions.deleted_at is null
            ), hash_record_extended(meanings, hash_record_extended(sentiments, 0))
        ) as row_hash
    from {{ ref('int_interactions_threaded') }} as interactions
    inner join {{ ref('int_interaction_parties') }} as parties
        on interactions.interaction_id = parties.interaction_id
    inner join {{ ref('int_interaction_meanings') }} as meanings
        on interactions.interaction_id = meanings.interaction_id
    inner join {{ ref('int_interaction_sentiments') }} as sentiments
        on interactions.interaction_id = sentiments.interaction_id
    union all
    select
        source_conversation_id,
        market_code,
        local_date_key,
        hash_record_extended(mentions, 0) as row_hash
    from {{ ref('int_issue_mentions') }} as mentions
    {{ only_changed('int_conversations_touched', 'source_conversation_id') }}

),

present as (

    select
        source_conversation_id,
        market_code,
        local_date_key,
        sum(row_hash) as counted_hash
    from counted
    group by source_conversation_id, market_code, local_date_key

),

earlier as (

    {% if is_incremental() -%}
        select known.*
        from touched
        inner join {{ this }} as known
            on touched.source_conversation_id = known.source_conversation_id
    {%- else -%}
        select
            *,
            null::bigint as seen_by_transform
        from present
        where false
    {%- endif %}

),

-- A day that the conversation left must be counted again as well, so it is kept, without a hash.
compared as (

    select
        coalesce(present.source_conversation_id, earlier.source_conversation_id) as source_conversation_id,
        coalesce(present.market_code, earlier.market_code) as market_code,
        coalesce(present.local_date_key, earlier.local_date_key) as local_date_key,
        present.counted_hash,
        earlier.seen_by_transform,
        (earlier.counted_hash is distinct from present.counted_hash) as is_changed
    from present
    full outer join earlier
        on
            present.source_conversation_id = earlier.source_conversation_id
            and present.market_code = earlier.market_code
            and present.local_date_key = earlier.local_date_key

),

final as (

    select
        source_conversation_id,
        market_code,
        local_date_key,
        counted_hash,
        case when is_changed then {{ running_transform() }} else seen_by_transform end as seen_by_transform
    from compared

)

select * from final
