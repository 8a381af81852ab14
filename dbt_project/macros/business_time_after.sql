{#
    The first moment at which a calendar has been open for a number of seconds since another moment, as a scalar; for 0
    seconds, that moment itself. NULL without a calendar or beyond its windows. Arguments must name their tables. Pass
    `open_seconds` (the result of open_seconds_at for the moment) if you have it; otherwise each use looks it up.
#}
{% macro business_time_after(calendar_code, from_moment, seconds, open_seconds=none) -%}
    {%- set open_seconds = open_seconds or open_seconds_at(calendar_code, from_moment) -%}
    case
        when {{ seconds }} <= 0 and {{ open_seconds }} is not null then {{ from_moment }}
        else
            (
                select
                    case
                        when goal.open_seconds <= business_windows.open_seconds_before + business_windows.open_seconds
                            then
                                business_windows.starts_at
                                + (goal.open_seconds - business_windows.open_seconds_before) * interval '1 second'
                    end
                from (
                    select {{ open_seconds }} + {{ seconds }} as open_seconds
                ) as goal
                inner join {{ ref('int_business_windows') }} as business_windows
                    on
                        business_windows.calendar_code = {{ calendar_code }}
                        -- Compares whole seconds: an index on bigint cannot find a numeric, and would be read from
                        -- the last window of the horizon down.
                        and business_windows.open_seconds_before < ceil(goal.open_seconds)::bigint
                order by business_windows.open_seconds_before desc
                limit 1
            )
    end
{%- endmacro %}
