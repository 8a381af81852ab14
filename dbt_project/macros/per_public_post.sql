{# The average of something per public post of an author, over a group of `sights`; NULL without public posts. #}
{% macro per_public_post(amount) -%}
    round(coalesce(sum({{ amount }}), 0)::numeric / nullif(sum(sights.public_post_count), 0), 4)
{%- endmacro %}
