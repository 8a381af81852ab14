-- One row per closed month, criterion, and market or all markets: how many rows the criterion counts, how many meet it.

with

criteria as (

    select * from {{ ref('audit_criteria') }}

),

markets as (

    select * from {{ ref('dim_market') }}

),

counts as (

    {{ count_criteria(capability_criteria()) }}

    union all

    select
        'sources_delivered' as criterion_code,
        'all' as market_code,
        date_trunc('month', date_key)::date as month_start_date,
        count(*) filter (where is_complete) as met_count,
        count(*) as counted_count
    from {{ ref('int_source_days') }}
    group by date_trunc('month', date_key)

),

-- A month is closed once it is over in every market.
months as (

    select
        counts.month_start_date,
        counts.month_start_date + interval '1 month' as next_month_at,
        (select min(days.date_key) from {{ ref('int_source_days') }} as days) as begun_on
    from counts
    cross join markets
    group by counts.month_start_date
    having max((counts.month_start_date + interval '1 month') at time zone markets.timezone) <= {{ running_as_of() }}

),

places as (

    select
        market_code,
        market
    from markets
    union all
    values ('all', 'Global')

),

totals as (

    select
        places.market_code,
        counts.month_start_date,
        counts.criterion_code,
        coalesce(sum(counts.met_count), 0)::bigint as met_count,
        sum(counts.counted_count)::bigint as counted_count
    from counts
    inner join places
        on places.market_code in (counts.market_code, 'all')
    group by places.market_code, counts.month_start_date, counts.criterion_code

),

-- Where to find the counted rows, and which of them meet the criterion.
evidence (criterion_code, rows_in, rows_counted, rows_met) as (

    values
    {% for criterion in capability_criteria() -%}
        ('{{ criterion.code }}', 'bi.{{ criterion.facts }}', $${{ criterion.counted }}$$, $${{ criterion.met }}$$),
    {% endfor -%}
    ('sources_delivered', 'bi.rpt_source_freshness', null, null)

),

final as (

    select
        concat_ws(':', places.market_code, months.month_start_date, criteria.criterion_code) as capability_audit_key,
        places.market_code,
        places.market,
        months.month_start_date,
        case when months.begun_on < months.next_month_at then greatest(months.month_start_date, months.begun_on) end
            as counted_from_date,
        criteria.criterion_code,
        criteria.position,
        criteria.capability,
        criteria.criterion,
        criteria.metric,
        coalesce(totals.met_count, 0) as met_count,
        coalesce(totals.counted_count, 0) as counted_count,
        round(totals.met_count::numeric / nullif(totals.counted_count, 0), 4) as met_share,
        criteria.target_share,
        criteria.close_share,
        case
            when totals.counted_count > 0 is not true then 'unknown'
            when totals.met_count >= criteria.target_share * totals.counted_count then 'on target'
            when totals.met_count >= criteria.close_share * totals.counted_count then 'close'
            else 'behind'
        end as level,
        criteria.reason,
        evidence.rows_in,
        evidence.rows_counted,
        evidence.rows_met,
        months.month_start_date = max(months.month_start_date) over () as is_newest
    from months
    cross join places
    inner join criteria
        on criteria.is_by_market or places.market_code = 'all'
    inner join evidence
        on criteria.criterion_code = evidence.criterion_code
    left join totals
        on
            places.market_code = totals.market_code
            and months.month_start_date = totals.month_start_date
            and criteria.criterion_code = totals.criterion_code

)

select * from final
