{#
    Removes from dim_author whoever no longer speaks anywhere: a corrected record can take away an author's only sight,
    and then no new row replaces the old one.
#}
{% macro delete_authors_unseen() -%}
    delete from {{ this }} as existing
    using {{ ref('int_authors_pending') }} as pending
    where
        existing.author_key = pending.author_key
        and not exists (
            select 1
            from {{ ref('int_author_sights') }} as sights
            where pending.source = sights.source and pending.author_native_id = sights.author_native_id
        )
{%- endmacro %}
