{# An author's influence, 0 to 100, as a scalar, by seed influence_weights; NULL if they never post in public.
   Forums give a negative number if votes against a post prevail. #}
{% macro influence_score(author) -%}
    case
        when {{ author }}.public_post_count > 0
            then (
                select round(sum(100 * weights.weight * least(1, ln(1 + greatest(parts.amount, 0)) / ln(1 + weights.full_at))), 1)
                from {{ ref('influence_weights') }} as weights
                inner join (
                    values
                    ('reach', coalesce({{ author }}.followers, 0)::numeric),
                    ('engagement', {{ author }}.engagement_per_post),
                    ('answers', {{ author }}.answered_share),
                    ('reposts', {{ author }}.reposts_per_post)
                ) as parts (part, amount)
                    on weights.part = parts.part
            )
    end
{%- endmacro %}
