{# The two ways in which seed source_accounts may list an e-mail address as ours: by address, and by domain. #}
{% macro mail_accounts_of(address) -%}
    {{ address }}, '@' || split_part({{ address }}, '@', 2)
{%- endmacro %}
