{# The CRM fields that a connection's `contact_fields` chose, as columns of the customer contract. #}
{% macro chosen_customer_columns(is_deleted) -%}
    {{ blank_to_null("(source.payload -> 'chosen' ->> 'external_ref')") }} as external_ref,
    lower(ltrim({{ blank_to_null("(source.payload -> 'chosen' ->> 'x_handle')") }}, '@')) as x_handle,
    lower({{ blank_to_null("(source.payload -> 'chosen' ->> 'market')") }}) as market_code,
    {{ blank_to_null("(source.payload -> 'chosen' ->> 'segment')") }} as segment,
    {{ blank_to_null("(source.payload -> 'chosen' ->> 'tier')") }} as tier,
    case
        when {{ is_deleted }} then 'deleted'
        else lower({{ blank_to_null("(source.payload -> 'chosen' ->> 'status')") }})
    end as status,
    {{ to_number_or_null("(source.payload -> 'chosen' ->> 'lifetime_value_usd')") }} as lifetime_value_usd
{%- endmacro %}
