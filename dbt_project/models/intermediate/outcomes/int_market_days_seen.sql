-- One row per conversation and market day on which customers spoke in it, now or in an earlier version of it.
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

mentions as (

    select * from {{ ref('int_issue_mentions') }}

),

present as (

    select
        mentions.source_conversation_id,
        mentions.market_code,
        mentions.local_date_key
    from touched
    inner join mentions
        on touched.source_conversation_id = mentions.source_conversation_id
    group by mentions.source_conversation_id, mentions.market_code, mentions.local_date_key

),

final as (

    select
        *,
        {{ running_transform() }} as seen_by_transform
    from present
    {% if is_incremental() %}
        union
        -- A day that the conversation left must be counted anew as well, so it is remembered.
        select
            earlier.source_conversation_id,
            earlier.market_code,
            earlier.local_date_key,
            {{ running_transform() }} as seen_by_transform
        from touched
        inner join {{ this }} as earlier
            on touched.source_conversation_id = earlier.source_conversation_id
    {% endif %}

)

select * from final
