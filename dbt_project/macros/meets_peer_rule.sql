{# Whether the words of an utterance match the rule in `rules`, or did before a policy removed them. #}
{% macro meets_peer_rule(interactions) -%}
    ({{ interactions }}.text_plain ~* rules.pattern or {{ interactions }}.cleared_rule_ids ? rules.rule_id)
{%- endmacro %}
