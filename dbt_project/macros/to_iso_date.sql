{# A date written m/d/Y or d-m-Y as text YYYY-MM-DD; a text that starts with YYYY-MM-DD is cut to it; else NULL. #}
{% macro to_iso_date(text) -%}
    case
        when {{ text }} ~ '^\s*\d{1,2}/\d{1,2}/\d{4}\s*$'
            then regexp_replace(regexp_replace(trim({{ text }}), '\y(\d)\y', '0\1', 'g'), '(..)/(..)/(....)', '\3-\1-\2')
        when {{ text }} ~ '^\s*\d{1,2}-\d{1,2}-\d{4}\s*$'
            then regexp_replace(regexp_replace(trim({{ text }}), '\y(\d)\y', '0\1', 'g'), '(..)-(..)-(....)', '\3-\2-\1')
        when {{ text }} ~ '^\s*\d{4}-\d{2}-\d{2}' then substr(trim({{ text }}), 1, 10)
    end
{%- endmacro %}
