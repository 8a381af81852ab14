-- One row per id that an edited X post has or had; posts that were never edited have none.
{{
    config(
        materialized='incremental',
        indexes=[
            {'columns': ['_record_key']},
            {'columns': ['edit_id']}
        ]
    )
}}

with

source as (
    {{ newest_versions('x', 'posts') }}
),

renamed as (

    select
        source._record_key,
        edits.edit_id,
        source._record_key as post_id,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_array_elements_text(source.payload -> 'edit_history_tweet_ids') as edits (edit_id)
    where jsonb_path_exists(source.payload, '$.edit_history_tweet_ids[1]')

)

select * from renamed
