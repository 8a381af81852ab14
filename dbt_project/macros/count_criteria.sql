{#
    How many rows each criterion of the capability audit counts, and how many meet it, by market and local month. Each
    table is read once for all of its criteria, aggregated first by day and then by month.
#}
{% macro count_criteria(criteria) -%}
    {%- set by_table = {} -%}
    {%- for criterion in criteria -%}
        {%- do by_table.setdefault(criterion.read_from or criterion.facts, []).append(criterion) -%}
    {%- endfor -%}
    {%- for table, those in by_table.items() -%}
        select
            tallies.criterion_code,
            days.market_code,
            date_trunc('month', days.local_date_key)::date as month_start_date,
            sum(tallies.met_count) as met_count,
            sum(tallies.counted_count) as counted_count
        from (
            select
                facts.market_code,
                facts.local_date_key,
                {% for criterion in those -%}
                    {% set rows = 'sum(' ~ (criterion.stands_for or 1) ~ ') filter (where ' ~ criterion.counted -%}
                    {{ 0 if criterion.met_among else rows ~ ' and (' ~ criterion.met ~ '))' }} as met_{{ loop.index }},
                    {{ rows }}) as counted_{{ loop.index }}
                    {{- ',' if not loop.last }}
                {% endfor -%}
            from {{ ref(table) }} as facts
            inner join {{ ref('dim_channel') }} as channels
                on facts.channel_code = channels.channel_code
            group by facts.market_code, facts.local_date_key
        ) as days
        cross join
            lateral (
                values
                {% for criterion in those -%}
                    ('{{ criterion.code }}', days.met_{{ loop.index }}, days.counted_{{ loop.index }})
                    {{- ',' if not loop.last }}
                {% endfor -%}
            ) as tallies (criterion_code, met_count, counted_count)
        where tallies.counted_count > 0
        group by tallies.criterion_code, days.market_code, date_trunc('month', days.local_date_key)
        {{- ' union all ' if not loop.last }}
    {% endfor -%}
    {%- for criterion in criteria if criterion.met_among -%}
        union all
        select
            '{{ criterion.code }}' as criterion_code,
            facts.market_code,
            date_trunc('month', facts.local_date_key)::date as month_start_date,
            count(*) as met_count,
            0 as counted_count
        from {{ ref(criterion.facts) }} as facts
        where
            facts.interaction_id in (select among.interaction_id from {{ ref(criterion.met_among) }} as among)
            and {{ criterion.counted }} and {{ criterion.met }}
        group by facts.market_code, date_trunc('month', facts.local_date_key)
    {%- endfor %}
{%- endmacro %}
