{#
    The first moment at which a zone's clocks show a local time or later: the first of two if the clocks are set back over
    it, the moment of the jump if they are set forward over it. So windows that are adjacent in local time stay adjacent,
    and none is counted twice. Zones change on whole minutes.
#}
{% macro moment_of_local(local_time, zone) -%}
    (
        select
            case
                -- PostgreSQL reads a skipped local time with the offset before the jump, so it shows a later one.
                when usual.moment at time zone {{ zone }} > {{ local_time }}
                    then (
                        select min(minutes.minute)
                        from generate_series(usual.moment - day.shift, usual.moment, interval '1 minute') as minutes (minute)
                        where minutes.minute at time zone {{ zone }} >= {{ local_time }}
                    )
                -- For a local time that occurs twice, it takes the second.
                when (usual.moment + day.shift) at time zone {{ zone }} = {{ local_time }}
                    then least(usual.moment, usual.moment + day.shift)
                else usual.moment
            end
        from (select {{ local_time }} at time zone {{ zone }} as moment) as usual
        cross join
            lateral (
                select
                    usual.moment at time zone {{ zone }}
                    - (usual.moment - interval '24 hours') at time zone {{ zone }}
                    - interval '24 hours' as shift
            ) as day
    )
{%- endmacro %}
