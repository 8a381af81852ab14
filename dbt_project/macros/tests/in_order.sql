{# Fails for each row whose first column is beyond its second. #}
{% test in_order(model, columns) %}
    select {{ columns | join(', ') }}
    from {{ model }}
    where {{ columns | join(' > ') }}
{% endtest %}
