{# Fails for each value that is not a name of a time zone in Postgres. #}
{% test is_time_zone(model, column_name) %}
    select {{ column_name }}
    from {{ model }}
    where {{ column_name }} not in (select name from pg_timezone_names)
{% endtest %}
