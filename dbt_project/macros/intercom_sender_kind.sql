{# Who acted in Intercom, from a part's author: its AI agent answers under an admin's name. #}
{% macro intercom_sender_kind(author) -%}
    case
        when {{ author }} ->> 'type' = 'bot' or {{ author }} ->> 'from_ai_agent' = 'true' then 'bot'
        when {{ author }} ->> 'type' in ('admin', 'team') then 'agent'
        when {{ author }} ->> 'type' in ('user', 'lead', 'contact') then 'customer'
        else 'unknown'
    end
{%- endmacro %}
