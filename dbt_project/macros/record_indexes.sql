{# Indexes of a staged table with one row per record: by key, by load, and by each given column or list of columns. #}
{% macro record_indexes() -%}
    {%- set indexes = [{'columns': ['_record_key'], 'unique': True}, {'columns': ['_load_id']}] -%}
    {%- for columns in varargs -%}
        {%- do indexes.append({'columns': [columns] if columns is string else columns}) -%}
    {%- endfor -%}
    {{ return(indexes) }}
{%- endmacro %}
