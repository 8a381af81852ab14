{#
    Removes from dim_author whoever no longer speaks anywhere: a corrected record can take away an author's only sight,
    and then no new row replaces the old one.
#}
{% macro delete_authors_unseen() -%}
    delete from {{ this }} as existing
    using {{ ref('int_conversations_touched') }} as touched
    where
        existing.last_source_conversation_id = touched.source_conversation_id
        and not exists (
            select 1
            from {{ ref('int_author_sights') }} as sights
            inner join {{ ref('int_author_customers') }} as links
                on sights.source = links.source and sights.author_native_id = links.author_native_id
            where links.author_key = existing.author_key
        )
{%- endmacro %}
