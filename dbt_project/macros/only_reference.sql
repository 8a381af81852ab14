{# The only customer reference in a text, as a scalar; NULL if there is none, or several that may be anybody's. #}
{% macro only_reference(words) -%}
    (
        select min(found.reference[1])
        from {{ ref('reference_patterns') }} as patterns
        cross join lateral regexp_matches(upper({{ words }}), patterns.pattern, 'g') as found (reference)
        having count(distinct found.reference[1]) = 1
    )
{%- endmacro %}
