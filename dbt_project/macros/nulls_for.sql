{# Columns of the interaction contract that a source does not provide, as NULLs of their types. #}
{% macro nulls_for() -%}
    {%- set types = {
        'author_followers': 'bigint', 'edited_at': 'timestamptz', 'deleted_at': 'timestamptz', 'rating': 'numeric',
        'likes': 'bigint', 'shares': 'bigint', 'views': 'bigint',
    } -%}
    {%- for column in varargs -%}
        null::{{ types.get(column, 'text') }} as {{ column }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
