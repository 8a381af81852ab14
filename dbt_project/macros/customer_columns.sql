{# The customer contract: the columns that every CRM gives for a version of a customer, in this order. #}
{% macro customer_columns() -%}
    customer_id, account_id, external_ref, first_name, last_name, email, phone, x_handle, market_code, segment, tier,
    status, lifetime_value_usd, created_at, version_began_at, valid_from, valid_to, _extracted_at, _load_id, _record_hash
{%- endmacro %}
