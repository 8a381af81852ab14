{# The name of an IANA time zone, or NULL where there is none of that name: Postgres refuses to reckon with such. #}
{% macro known_zone(name) -%}
    case
        when btrim({{ name }}) = any(array(select zones.name from pg_timezone_names as zones)) then btrim({{ name }})
    end
{%- endmacro %}
