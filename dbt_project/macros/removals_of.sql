{#
    The body of `stg_<source>__removals`: whether each record of a table that was requested again by its id was removed,
    with its conversation, which a removal changes.
#}
{% macro removals_of(source_name, table) %}
with

source as (
    {{ newest_versions(source_name, 'removals') }}
),

posts as (

    select * from {{ ref('stg_' ~ source_name ~ '__' ~ table) }}

),

final as (

    select
        source._record_key,
        posts.conversation_native_id,
        -- When we learned of it, for no source says when it happened; NULL once the record can be read again.
        case when (source.payload ->> 'is_removed')::boolean then source._extracted_at end as removed_at,
        source._extracted_at,
        source._load_id
    from source
    left join posts
        on source._record_key = posts._record_key

)

select * from final
{% endmacro %}
