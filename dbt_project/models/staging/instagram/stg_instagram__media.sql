-- One row per Instagram post of the company's account, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

{{ instagram_media('media') }}
