{# The interaction contract: the columns of every stg_<source>__interactions. #}
{% macro interaction_columns() -%}
    interaction_id, source, source_account, native_id, conversation_native_id, in_reply_to_native_id, source_channel,
    surface, visibility, is_internal, direction, sender_kind, author_native_id, author_handle, author_name,
    author_email, author_phone, author_external_id, author_followers, agent_native_id, published_at, available_at,
    extracted_at, edited_at, deleted_at, text_plain, market_code, brand_code, rating, url, likes, shares, views,
    source_attributes
{%- endmacro %}
