{# The risk flags, as columns, with the classifier's name of each. #}
{% macro risk_flags() -%}
    {{ return({
        'has_card_number': 'card_number', 'has_personal_data': 'personal_data', 'is_offensive': 'offensive',
        'is_legal_threat': 'legal_threat', 'is_copyright_claim': 'copyright', 'is_safety_risk': 'safety'
    }) }}
{%- endmacro %}
