{# Whether an utterance is somebody else's words said again, in any source; words added to them would be one's own. #}
{% macro is_repost(interactions) -%}
    coalesce({{ interactions }}.source_attributes ->> 'reference_type' = 'retweeted', false)
{%- endmacro %}
