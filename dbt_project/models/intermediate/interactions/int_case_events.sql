-- One row per change to a case in a system of record.
{{
    config(
        materialized='incremental',
        unique_key=['source', 'conversation_native_id'],
        meta={'changed_keys': 'int_conversations_changed'},
        indexes=[{'columns': ['case_event_id'], 'unique': True}, {'columns': ['source', 'conversation_native_id']}]
    )
}}

{{ union_contract_views(var('case_event_sources'), 'case_events', case_event_columns()) }}
