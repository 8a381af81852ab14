{# The result of open_seconds_at for a moment whose month was joined as `months` by business_months. #}
{% macro open_seconds_in_month(months, moment) -%}
    {%- set window = 'width_bucket(' ~ moment ~ ', ' ~ months ~ '.starts_at)' -%}
    case
        when {{ moment }} <= {{ months }}.known_until
            then
                {{ months }}.open_seconds_before[{{ window }}]
                + least(
                    extract(epoch from {{ moment }} - {{ months }}.starts_at[{{ window }}]),
                    {{ months }}.open_seconds[{{ window }}]
                )
    end
{%- endmacro %}
