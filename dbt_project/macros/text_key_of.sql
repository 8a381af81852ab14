{#
    Hex SHA-256 of what an utterance says, by which what was decided of its text is found; of words that a policy took
    away, the one they had. NULL without a text.
#}
{% macro text_key_of(interactions) -%}
    case
        when {{ interactions }}.text_plain <> '' then encode(sha256(convert_to({{ interactions }}.text_plain, 'UTF8')), 'hex')
        else {{ interactions }}.cleared_text_key
    end
{%- endmacro %}
