{# How many rows a criterion of the capability audit is about, and how many meet it, by market and local month. #}
{% macro count_criterion(criterion) -%}
    {%- set rows = criterion.stands_for or 1 -%}
    select
        '{{ criterion.code }}' as criterion_code,
        facts.market_code,
        date_trunc('month', facts.local_date_key)::date as month_start,
        {{ 0 if criterion.met_among else 'sum(' ~ rows ~ ') filter (where ' ~ criterion.met ~ ')' }} as met_count,
        sum({{ rows }}) as counted_count
    from {{ ref(criterion.read_from or criterion.facts) }} as facts
    inner join {{ ref('dim_channel') }} as channels
        on facts.channel_code = channels.channel_code
    where {{ criterion.counted }}
    group by facts.market_code, date_trunc('month', facts.local_date_key)
    {%- if criterion.met_among %}
        union all
        select
            '{{ criterion.code }}' as criterion_code,
            facts.market_code,
            date_trunc('month', facts.local_date_key)::date as month_start,
            count(*) as met_count,
            0 as counted_count
        from {{ ref(criterion.facts) }} as facts
        where
            facts.interaction_id in (select among.interaction_id from {{ ref(criterion.met_among) }} as among)
            and {{ criterion.counted }} and {{ criterion.met }}
        group by facts.market_code, date_trunc('month', facts.local_date_key)
    {%- endif %}
{%- endmacro %}
