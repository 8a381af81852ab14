{# The authors whose row in dim_author may differ after this run, for an incremental run of that model. #}
{% macro authors_concerned() -%}
    select links.author_key
    from touched
    inner join sights
        on
            touched.source = sights.source
            and touched.conversation_native_id = sights.conversation_native_id
    inner join {{ ref('int_author_customers') }} as links
        on sights.source = links.source and sights.author_native_id = links.author_native_id
    -- A corrected record may have taken away an author's first or last conversation.
    union
    select existing.author_key
    from touched
    inner join {{ this }} as existing
        on touched.source_conversation_id = existing.first_source_conversation_id
    union
    select existing.author_key
    from touched
    inner join {{ this }} as existing
        on touched.source_conversation_id = existing.last_source_conversation_id
{%- endmacro %}
