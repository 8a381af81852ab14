{#
    How many seconds a calendar had been open before a moment, as a scalar; NULL if there is no such calendar, or before
    its first window or after its last. One index look-up. Arguments must name their tables. Callers that only read
    published tables pass dim_business_window as the windows.
#}
{% macro open_seconds_at(calendar_code, moment, windows=none) -%}
    (
        select
            case
                when {{ moment }} <= coalesce(business_windows.next_starts_at, business_windows.ends_at)
                    then
                        business_windows.open_seconds_before
                        + least(extract(epoch from {{ moment }} - business_windows.starts_at), business_windows.open_seconds)
            end
        from {{ windows or ref('int_business_windows') }} as business_windows
        where business_windows.calendar_code = {{ calendar_code }} and business_windows.starts_at <= {{ moment }}
        order by business_windows.starts_at desc
        limit 1
    )
{%- endmacro %}
