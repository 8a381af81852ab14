-- One row per Instagram post of the company's account, in its newest version.
{{
    config(
        materialized='incremental',
        indexes=[
            {'columns': ['_record_key'], 'unique': True}, {'columns': ['conversation_native_id']}, {'columns': ['_load_id']}
        ]
    )
}}

{{ instagram_media('media') }}
