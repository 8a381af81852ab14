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
    -- A corrected record may have taken words away from an author who speaks elsewhere.
    union
    select pending.author_key
    from {{ ref('int_authors_pending') }} as pending
{%- endmacro %}
