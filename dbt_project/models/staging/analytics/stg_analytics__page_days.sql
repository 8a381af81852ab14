-- One row per row of a page and day in an export; fills the contract of page visits.
with

site_days as (

    select * from {{ ref('stg_analytics__site_days') }}
    where visited_date is not null

),

source_accounts as (

    -- A site that the seed has in two spellings is still one.
    select distinct on (lower(source_account))
        lower(source_account) as site,
        brand_code,
        market_code
    from {{ ref('source_accounts') }}
    where source = 'analytics'
    order by lower(source_account) asc, source_account asc

),

final as (

    select
        'analytics' as source,
        'analytics:' || site_days._record_key as site_day_key,
        site_days.site,
        site_days.visited_date,
        coalesce({{ blank_to_null('pages.page') }}, '/') as page,
        lower({{ blank_to_null('pages.topic') }}) as topic,
        coalesce(lower({{ blank_to_null('pages.market') }}), source_accounts.market_code) as market_code,
        source_accounts.brand_code,
        case when pages.visits ~ '^[0-9]{1,15}$' then pages.visits::bigint end as visit_count,
        case when pages.visitors ~ '^[0-9]{1,15}$' then pages.visitors::bigint end as visitor_count,
        site_days._load_id
    from site_days
    left join source_accounts
        on site_days.site = source_accounts.site
    cross join lateral jsonb_to_recordset(site_days.pages) as pages (
        page text, topic text, market text, visits text, visitors text
    )

)

select * from final
