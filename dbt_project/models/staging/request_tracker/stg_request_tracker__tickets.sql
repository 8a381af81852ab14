-- One row per ticket, in its newest version, including deleted and merged ones.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('request_tracker', 'tickets') }}
),

renamed as (

    select
        source._record_key,
        source._record_key as conversation_native_id,
        source.payload #>> '{Queue,id}' as queue_id,
        {{ clean_text("source.payload #>> '{Queue,Name}'") }} as queue,
        lower(source.payload ->> 'Status') as status,
        source.payload ->> 'Priority' as priority,
        case when source.payload #>> '{Owner,id}' <> 'Nobody' then source.payload #>> '{Owner,number}' end as owner_id,
        source.payload ->> 'merged_into' as merged_into,
        -- The prefix that social_crm.activation gives to what the cases it makes refer to; a merge moves it.
        coalesce(
            jsonb_path_exists(
                source.payload -> '_hyperlinks', '$[*] ? (@.ref == "refers-to" && @._url starts with "social_crm:")'
            ), false
        ) as is_made_by_us,
        {{ to_timestamp_or_null("(source.payload ->> 'Created')") }} as created_at,
        {{ to_timestamp_or_null("(source.payload ->> 'LastUpdated')") }} as updated_at,
        source._extracted_at,
        source._load_id
    from source

)

select * from renamed
