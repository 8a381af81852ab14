{# Fails for each row whose first column is greater than its second. #}
{% test in_order(model, columns) %}
    select {{ columns | join(', ') }}
    from {{ model }}
    where {{ columns | join(' > ') }}
{% endtest %}
