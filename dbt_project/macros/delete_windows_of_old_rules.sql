{# Removes the windows of calendars whose rules changed or were removed, so that the model rebuilds only those. #}
{% macro delete_windows_of_old_rules() -%}
    {%- if is_incremental() -%}
        delete from {{ this }} as windows
        where
            not exists (
                select 1 from {{ ref('int_calendar_rules') }} as rules
                where rules.calendar_code = windows.calendar_code and rules.rules_hash = windows.rules_hash
            )
    {%- endif -%}
{%- endmacro %}
