{# Who acted in Zendesk: rules and the system use -1 or channels of their own, bots use channels named after them. #}
{% macro zendesk_sender_kind(via_channel, author_id, role) -%}
    case
        when {{ author_id }} = '-1' or {{ via_channel }} in ('rule', 'system', 'admin_setting') then 'system'
        when {{ via_channel }} like '%bot%' then 'bot'
        when {{ role }} in ('agent', 'admin') then 'agent'
        when {{ role }} = 'end-user' then 'customer'
        else 'unknown'
    end
{%- endmacro %}
