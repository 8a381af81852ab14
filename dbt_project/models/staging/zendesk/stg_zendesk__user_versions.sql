-- One row per version of a Zendesk user that we read, with its validity.
{{
    config(
        materialized='incremental',
        indexes=[
            {'columns': ['_record_key']},
            {'columns': ['user_id']},
            {'columns': ['_load_id']}
        ]
    )
}}

with

source as (
    {{ all_versions('zendesk', 'users') }}
),

renamed as (

    select
        source._record_key,
        source._record_hash,
        users.id as user_id,
        lower({{ blank_to_null('users.role') }}) as role,
        {{ clean_text('users.name') }} as name,
        users.default_group_id,
        {{ to_boolean_or_null('users.active') }} as is_active,
        {{ to_timestamp_or_null('users.created_at') }} as created_at,
        source._version_at,
        coalesce(source._version_at, source._extracted_at) as version_began_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as users (
        id text, role text, name text, default_group_id text, active text, created_at text
    )

),

final as (

    select
        renamed.*,
        -- What a record was before its first known version is taken from that version.
        case when row_number() over versions > 1 then renamed.version_began_at end as valid_from,
        lead(renamed.version_began_at) over versions as valid_to
    from renamed
    window versions as (
        partition by renamed._record_key
        order by
            renamed.version_began_at asc, renamed._extracted_at asc, renamed._load_id asc, renamed._record_hash asc
    )

)

select * from final
