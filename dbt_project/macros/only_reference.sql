{# The one customer reference that a text names, as a scalar; NULL if it names none or several, and so cannot be the author's own. #}
{% macro only_reference(words) -%}
    (
        select min(found.reference[1])
        from {{ ref('reference_patterns') }} as patterns
        cross join lateral regexp_matches(upper({{ words }}), patterns.pattern, 'g') as found (reference)
        having count(distinct found.reference[1]) = 1
    )
{%- endmacro %}
