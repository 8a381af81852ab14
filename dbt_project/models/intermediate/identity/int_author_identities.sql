-- One row per author, conversation, kind of identifier and value that the author showed there.
{{
    config(
        materialized='incremental',
        unique_key=['source', 'conversation_native_id'],
        meta={'changed_keys': 'int_conversations_changed'},
        pre_hook="{{ delete_unmatchable_authors() }}",
        indexes=[
            {'columns': ['source', 'conversation_native_id']},
            {'columns': ['source', 'author_native_id']},
            {'columns': ['identity_value', 'identity_kind']}
        ]
    )
}}

with

interactions as (

    select * from {{ ref('int_interactions') }}
    {{ only_changed('int_conversations_changed', 'source, conversation_native_id') }}

),

final as (

    select
        interactions.source,
        interactions.author_native_id,
        interactions.conversation_native_id,
        keys.identity_kind,
        keys.identity_value,
        max(interactions.extracted_at) as shown_at
    from interactions
    inner join {{ ref('source_policies') }} as source_policies
        on interactions.source = source_policies.source and source_policies.may_match_identities
    cross join
        lateral (
            values
            ('external_ref', btrim(interactions.author_external_id)),
            ('email', {{ normalise_email('interactions.author_email') }}),
            ('phone', {{ normalise_phone('interactions.author_phone') }}),
            (interactions.source || '_handle', {{ normalise_handle('interactions.author_handle') }}),
            (
                'private_reference',
                case when interactions.visibility = 'private' then {{ only_reference('interactions.text_plain') }} end
            )
        ) as keys (identity_kind, identity_value)
    where
        interactions.direction = 'inbound'
        and interactions.author_native_id is not null
        and keys.identity_value <> ''
    group by
        interactions.source, interactions.author_native_id, interactions.conversation_native_id, keys.identity_kind,
        keys.identity_value

)

select * from final
