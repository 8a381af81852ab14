-- One row per message of a web form or chat, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('forms', 'messages') }}
),

-- Materialized, or each mention of a time below would parse its text again.
renamed as materialized (

    select
        source._record_key,
        lower({{ blank_to_null('messages.channel') }}) as channel,
        lower({{ blank_to_null('messages.sender') }}) as sender,
        {{ blank_to_null('messages.conversation_id') }} as case_id,
        {{ blank_to_null('messages.account') }} as account,
        {{ blank_to_null('messages.author_id') }} as author_id,
        {{ clean_text('messages.author_name') }} as author_name,
        {{ normalise_email('messages.author_email') }} as author_email,
        {{ normalise_phone('messages.author_phone') }} as author_phone,
        {{ blank_to_null('messages.customer_ref') }} as customer_ref,
        {{ blank_to_null('messages.agent_id') }} as agent_native_id,
        lower({{ blank_to_null('messages.market') }}) as market_code,
        lower({{ blank_to_null('messages.brand') }}) as brand_code,
        {{ clean_text('messages.text') }} as text_plain,
        {{ to_number_or_null('messages.rating') }} as rating,
        {{ to_timestamp_or_null('messages.created_at') }} as claimed_at,
        {{ to_timestamp_or_null('messages.deleted_at') }} as deleted_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as messages (
        channel text, sender text, conversation_id text, account text, author_id text, author_name text,
        author_email text, author_phone text, customer_ref text, agent_id text, market text, brand text, text text,
        rating text, created_at text, deleted_at text
    )

),

final as (

    select
        renamed.*,
        -- A chat and a form may bear the same number.
        concat_ws(
            ':', renamed.channel, coalesce(renamed.case_id, 'message ' || renamed._record_key)
        ) as conversation_native_id,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as created_at
    from renamed

)

select * from final
