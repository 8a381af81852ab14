-- One row per X post, in its newest edit.
{{
    config(
        materialized='incremental',
        indexes=record_indexes('conversation_native_id', ['author_native_id', 'author_handle'])
    )
}}

with

source as (
    {{ newest_versions('x', 'posts') }}
),

renamed as materialized ( -- or each mention of a time below would parse its text again

    select
        source._record_key, source._record_key as post_id,
        coalesce({{ blank_to_null('posts.conversation_id') }}, source._record_key) as conversation_native_id,
        posts.id as edit_id,
        jsonb_path_query_first(posts.referenced_tweets, '$[*] ? (@.type == "replied_to").id') #>> '{}'
            as replied_to_post_id,
        jsonb_path_query_first(posts.referenced_tweets, '$[0].type') #>> '{}' as reference_type,
        coalesce(posts.author ->> 'id', posts.author_id) as author_native_id,
        lower(posts.author ->> 'username') as author_handle,
        {{ clean_text("(posts.author ->> 'name')") }} as author_name,
        -- Of what is longer than 280 characters, `text` holds the beginning.
        {{ clean_text(unescape_html("coalesce(posts.note_tweet ->> 'text', posts.text)")) }} as text_plain,
        lower(jsonb_path_query_array(
            jsonb_build_array(posts.entities, posts.note_tweet -> 'entities'), '$[*].mentions[*].username'
        )::text)::jsonb as mentioned_handles,
        {{ to_number_or_null("(posts.author #>> '{public_metrics,followers_count}')") }}::bigint as author_followers,
        {% for name, of in [('likes', 'like'), ('reposts', 'retweet'), ('quotes', 'quote'), ('views', 'impression')] -%}
            {{ to_number_or_null("(posts.public_metrics ->> '" ~ of ~ "_count')") }}::bigint as {{ name }},
        {% endfor -%}
        {{ to_timestamp_or_null('posts.created_at') }} as claimed_at,
        source._extracted_at, source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as posts (
        id text, text text, author_id text, created_at text, conversation_id text, author jsonb,
        entities jsonb, note_tweet jsonb, public_metrics jsonb, referenced_tweets jsonb
    )

),

timed as (

    select
        renamed.*,
        -- Agents sign with a caret and their initials, perhaps before a link.
        upper(substring(renamed.text_plain from '\^([A-Za-z]{2,4})\s*(?:https?://\S+\s*)*$')) as signature,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as version_created_at,
        {{ snowflake_time('renamed.post_id') }} as first_edit_at
    from renamed

),

final as (

    select
        timed.*,
        -- X allows edits for an hour; an id that says more is not one of X's.
        case
            when
                timed.edit_id <> timed.post_id
                and timed.first_edit_at between timed.version_created_at - interval '1 day' and timed.version_created_at
                then timed.first_edit_at
            else timed.version_created_at
        end as published_at,
        case when timed.edit_id <> timed.post_id then timed.version_created_at end as edited_at
    from timed

)

select * from final
