{# The language by which routes are looked up, as a scalar: the text's own if a rule names it, else `other`. #}
{% macro routing_language(language) -%}
    case
        when {{ language }} in (select rules.language from {{ ref('routing_rules') }} as rules where rules.language is not null)
            then {{ language }}
        else 'other'
    end
{%- endmacro %}
