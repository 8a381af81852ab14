{# The language by which routes are looked up: its own if some rule names it, else `other`, as a scalar. #}
{% macro routing_language(language) -%}
    case
        when {{ language }} in (select rules.language from {{ ref('routing_rules') }} as rules where rules.language is not null)
            then {{ language }}
        else 'other'
    end
{%- endmacro %}
