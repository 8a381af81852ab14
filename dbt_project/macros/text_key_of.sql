{#
    The key by which what was decided of an utterance's text is found; of words that a policy took away, the one they
    had. NULL without a text.
#}
{% macro text_key_of(interactions) -%}
    coalesce(ops.text_key({{ interactions }}.text_plain), {{ interactions }}.cleared_text_key)
{%- endmacro %}
