-- One row per touched market day and earlier day that it is compared with, with the usual traffic of both weekdays.
{{ config(materialized='table', indexes=[{'columns': ['market_code', 'local_date_key']}]) }}

with

judged as not materialized (

    select * from {{ ref('int_warning_days_touched') }}

),

rules as (

    select max(history_days) as history_days from {{ ref('early_warning_rules') }}

),

-- No judged day is compared with an earlier day than these.
hours as (

    select hours.*
    from {{ ref('int_issue_hours') }} as hours
    where
        hours.issue_code = 'any'
        and hours.local_date_key >= (
            select min(judged.local_date_key) - max(rules.history_days) from judged cross join rules
        )

),

-- A day on which a market had no messages at all was not observed; it does not count as 0.
observed as (

    select
        market_code,
        local_date_key,
        sum(author_count) as author_count
    from hours
    group by market_code, local_date_key

),

pairs as (

    select
        judged.market_code,
        judged.local_date_key,
        observed.local_date_key as history_date,
        observed.author_count
    from judged
    cross join rules
    inner join observed
        on
            judged.market_code = observed.market_code
            and observed.local_date_key >= judged.local_date_key - rules.history_days
            and judged.local_date_key > observed.local_date_key

),

weekdays as (

    select
        market_code,
        local_date_key,
        extract(isodow from history_date) as weekday,
        percentile_cont(0.5) within group (order by author_count) as usual_author_count
    from pairs
    group by market_code, local_date_key, extract(isodow from history_date)

),

final as (

    select
        pairs.market_code,
        pairs.local_date_key,
        pairs.history_date,
        history_weekdays.usual_author_count as history_usual_author_count,
        -- NULL in a market's first week: no such weekday was seen yet.
        judged_weekdays.usual_author_count
    from pairs
    inner join weekdays as history_weekdays
        on
            pairs.market_code = history_weekdays.market_code
            and pairs.local_date_key = history_weekdays.local_date_key
            and extract(isodow from pairs.history_date) = history_weekdays.weekday
    left join weekdays as judged_weekdays
        on
            pairs.market_code = judged_weekdays.market_code
            and pairs.local_date_key = judged_weekdays.local_date_key
            and extract(isodow from pairs.local_date_key) = judged_weekdays.weekday

)

select * from final
