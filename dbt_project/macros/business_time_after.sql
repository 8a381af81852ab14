{#
    The first moment by which a calendar has been open for so many seconds since another moment, as a scalar; that
    moment itself for none. NULL without a calendar or beyond its windows. Arguments name their tables. Whoever has it
    at hand passes `open_seconds`, what open_seconds_at says of the moment, which is looked up for each mention otherwise.
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
                        -- Whole seconds against whole seconds: an index of bigint finds no numeric, and would be read from
                        -- the last window of the horizon down.
                        and business_windows.open_seconds_before < ceil(goal.open_seconds)::bigint
                order by business_windows.open_seconds_before desc
                limit 1
            )
    end
{%- endmacro %}
