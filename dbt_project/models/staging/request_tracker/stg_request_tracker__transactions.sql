-- One row per transaction of a ticket: its creation, a change of status, owner, queue or priority, or a merge.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('request_tracker', 'transactions') }}
),

-- Materialized, or each mention of a time below would parse its text again.
renamed as materialized (

    select
        source._record_key,
        source.payload ->> 'ObjectId' as conversation_native_id,
        lower(source.payload ->> 'Type') as transaction_type,
        case lower(source.payload ->> 'Field')
            when 'owner' then 'assignee'
            when 'queue' then 'group'
            else lower({{ blank_to_null("source.payload ->> 'Field'") }})
        end as field,
        -- The user that owns what nobody owns is nobody.
        nullif(given.old_value, given.nobody) as old_value,
        nullif(given.new_value, given.nobody) as new_value,
        source.payload #>> '{Creator,id}' as actor_id,
        {{ to_timestamp_or_null("(source.payload ->> 'Created')") }} as claimed_at,
        source._extracted_at,
        source._load_id
    from source
    cross join
        lateral (
            values (
                lower({{ blank_to_null("source.payload ->> 'OldValue'") }}),
                lower({{ blank_to_null("source.payload ->> 'NewValue'") }}),
                case when source.payload ->> 'Field' = 'Owner' then source.payload ->> 'Nobody' end
            )
        ) as given (old_value, new_value, nobody)

),

final as (

    select
        renamed.*,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as created_at
    from renamed

)

select * from final
