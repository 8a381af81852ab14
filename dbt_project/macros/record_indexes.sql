{# By what a staged table with a row per record is read: its key, its load, and each column, or list of them, that is named. #}
{% macro record_indexes() -%}
    {%- set indexes = [{'columns': ['_record_key'], 'unique': True}, {'columns': ['_load_id']}] -%}
    {%- for columns in varargs -%}
        {%- do indexes.append({'columns': [columns] if columns is string else columns}) -%}
    {%- endfor -%}
    {{ return(indexes) }}
{%- endmacro %}
