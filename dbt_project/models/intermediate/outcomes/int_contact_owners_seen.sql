-- One row per conversation and customer who spoke in it, by present or former links; without any customer, one
-- row for the conversation itself.
{{
    config(
        materialized='incremental',
        unique_key='source_conversation_id',
        meta={'changed_keys': 'int_conversations_touched'},
        indexes=[
            {'columns': ['source_conversation_id', 'contact_owner_key'], 'unique': True},
            {'columns': ['contact_owner_key']},
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
        touched.source_conversation_id,
        coalesce(mentions.customer_id, 'conversation:' || touched.source_conversation_id) as contact_owner_key
    from touched
    left join mentions
        on touched.source_conversation_id = mentions.source_conversation_id
    group by touched.source_conversation_id, mentions.customer_id

),

final as (

    select
        *,
        {{ running_transform() }} as seen_by_transform
    from present
    {% if is_incremental() %}
        union
        -- An earlier owner must lose the conversation, so the row is kept.
        select
            earlier.source_conversation_id,
            earlier.contact_owner_key,
            {{ running_transform() }} as seen_by_transform
        from touched
        inner join {{ this }} as earlier
            on touched.source_conversation_id = earlier.source_conversation_id
    {% endif %}

)

select * from final
