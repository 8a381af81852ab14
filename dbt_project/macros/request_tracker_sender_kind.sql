{# Who acted in Request Tracker, from a transaction's creator: user 1 is RT itself, privileged users are staff. #}
{% macro request_tracker_sender_kind(creator) -%}
    case
        when {{ creator }} ->> 'id' = '1' then 'system'
        when {{ creator }} ->> 'Privileged' = '1' then 'agent'
        when {{ creator }} ->> 'Privileged' = '0' then 'customer'
        else 'unknown'
    end
{%- endmacro %}
