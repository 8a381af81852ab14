{# The moment that an id of X contains, to the millisecond; NULL for anything else. #}
{% macro snowflake_time(id) -%}
    case
        when ({{ id }}) collate "C" ~ '^\d{15,19}$'
            then to_timestamp((trunc({{ id }}::numeric / 4194304) + 1288834974657) / 1000.0)
    end
{%- endmacro %}
