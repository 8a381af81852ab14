{#
    A relation of this database as the previous run left it, or nothing if there is none yet; `ref` would be a cycle.
    A unit test has no such relation and gets nothing.
#}
{% macro left_by_the_run_before(identifier, schema=none) -%}
    {%- set path = {'schema': schema or this.schema, 'identifier': identifier} if this -%}
    {%- do return(load_relation(this.incorporate(path=path)) if this) -%}
{%- endmacro %}
