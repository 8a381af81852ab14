-- One row per utterance of any source: a post, comment, call or complaint, in its current version.
{{
    config(
        materialized='incremental',
        unique_key=['source', 'conversation_native_id'],
        meta={'changed_keys': 'int_conversations_changed'},
        indexes=[
            {'columns': ['interaction_id'], 'unique': True},
            {'columns': ['source', 'conversation_native_id']},
            {'columns': ['source', 'author_native_id']},
            {'columns': ['source', 'agent_native_id']}
        ]
    )
}}

{{ union_contract_views(var('interaction_sources'), 'interactions', interaction_columns()) }}
