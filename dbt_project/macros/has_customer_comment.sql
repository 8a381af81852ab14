{# Whether a customer has written on a Zendesk ticket; looked up by key, because few tickets need it. #}
{% macro has_customer_comment(conversation_native_id) -%}
    exists (
        select 1
        from {{ ref('stg_zendesk__customer_comments') }} as said
        where said.conversation_native_id = {{ conversation_native_id }}
    )
{%- endmacro %}
