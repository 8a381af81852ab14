{#
    The unit that answers: the product's where one is named, else the one that the seed of issues gives to the issue.
    Of `products` and `issues`, both joined to the left.
#}
{% macro business_unit() -%}
coalesce(case when products.product_code <> 'unknown' then products.business_unit end, issues.business_unit, 'Unknown')
{%- endmacro %}
