{# Zendesk's name of the channel; for X and Facebook, only its `rel` tells what was written in private. #}
{% macro zendesk_via_channel(via) -%}
    case lower(concat_ws('/', {{ via }} ->> 'channel', {{ via }} #>> '{source,rel}'))
        when 'twitter/direct_message' then 'twitter_dm'
        when 'facebook/message' then 'facebook_message'
        else lower({{ via }} ->> 'channel')
    end
{%- endmacro %}
