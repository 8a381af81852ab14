{# Whether an utterance, of any source, only repeats somebody else's words, without own words added. #}
{% macro is_repost(interactions) -%}
    coalesce({{ interactions }}.source_attributes ->> 'reference_type' = 'retweeted', false)
{%- endmacro %}
