{# What the author of a group of `sights` has of something, on average over their public posts; NULL without any. #}
{% macro per_public_post(amount) -%}
    round(coalesce(sum({{ amount }}), 0)::numeric / nullif(sum(sights.public_post_count), 0), 4)
{%- endmacro %}
