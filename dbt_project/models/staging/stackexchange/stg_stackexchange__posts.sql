-- One row per question or answer, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('stackexchange', 'posts') }}
),

renamed as materialized ( -- or each mention of a time below would parse its text again

    select
        source._record_key,
        source.payload ->> '_site' as site,
        source.payload ->> 'Id' as post_id,
        coalesce(source.payload ->> 'PostTypeId' = '2', false) as is_answer,
        -- An answer that has lost its question stands alone.
        coalesce(
            (source.payload ->> '_site') || '/' || {{ blank_to_null("(source.payload ->> 'ParentId')") }},
            source._record_key
        ) as conversation_native_id,
        (source.payload ->> '_site') || '/' || {{ blank_to_null("(source.payload ->> 'AcceptedAnswerId')") }}
            as accepted_answer_key,
        (source.payload ->> '_site') || '/' || {{ blank_to_null("(source.payload ->> 'OwnerUserId')") }} as author_key,
        {{ clean_text("(source.payload ->> 'OwnerDisplayName')") }} as author_name,
        {{ plain_text("concat_ws('<br>', nullif(source.payload ->> 'Title', ''), source.payload ->> 'Body')") }}
            as text_plain,
        {{ to_number_or_null("(source.payload ->> 'Score')") }}::bigint as likes,
        {{ to_number_or_null("(source.payload ->> 'ViewCount')") }}::bigint as views,
        {{ to_timestamp_or_null("(source.payload ->> 'CreationDate')") }} as claimed_at,
        {{ to_timestamp_or_null("(source.payload ->> 'LastEditDate')") }} as edited_at,
        source._extracted_at,
        source._load_id
    from source

),

final as (

    select
        renamed.*,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as published_at
    from renamed

)

select * from final
