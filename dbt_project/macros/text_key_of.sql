{#
    The key of the decisions about an utterance's text; for words that a policy removed, the key that they had. NULL
    without a text.
#}
{% macro text_key_of(interactions) -%}
    coalesce(ops.text_key({{ interactions }}.text_plain), {{ interactions }}.cleared_text_key)
{%- endmacro %}
