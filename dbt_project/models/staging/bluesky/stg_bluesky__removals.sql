-- One row per Bluesky post that could not be read again by its id, or that came back.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

{{ removals_of('bluesky', 'posts') }}
