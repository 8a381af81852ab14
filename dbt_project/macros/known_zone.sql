{# The name of an IANA time zone, or NULL if there is no zone of that name, because Postgres fails on unknown names. #}
{% macro known_zone(name) -%}
    case
        when btrim({{ name }}) = any(array(select zones.name from pg_timezone_names as zones)) then btrim({{ name }})
    end
{%- endmacro %}
