{# A person's relation to the company, as a scalar, from their customer record and its status in the CRM. #}
{% macro party_kind(customer_id, status) -%}
    case
        when
            {{ status }} in (
                'lead', 'prospect',
                'subscriber', 'marketingqualifiedlead', 'salesqualifiedlead', 'opportunity' -- HubSpot's stages before a sale
            )
            then 'prospect'
        when {{ customer_id }} is not null and ({{ status }} is distinct from 'deleted') then 'customer'
        else 'unknown'
    end
{%- endmacro %}
