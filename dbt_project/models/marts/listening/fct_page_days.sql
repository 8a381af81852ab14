-- One row per page of our sites, local day, market and topic, as in the export.
{{
    config(
        materialized='incremental',
        unique_key='site_day_key',
        meta={'changed_keys': 'int_site_days_touched'},
        indexes=[{'columns': ['page_day_key'], 'unique': True}, {'columns': ['site_day_key']}]
    )
}}

with

days as (

    select * from {{ ref('int_page_days') }}
    {{ only_changed('int_site_days_touched', 'site_day_key') }}

),

markets as (

    select * from {{ ref('markets') }}

),

topics as (

    select * from {{ ref('page_topics') }}

),

issues as (

    select * from {{ ref('issues') }}

),

named as (

    select
        days.*,
        coalesce(markets.market_code, 'unknown') as market_key,
        -- A site that uses our own names of topics needs no row of the seed.
        coalesce(topics.issue_code, issues.issue_code, 'unknown') as issue_code
    from days
    left join markets
        on days.market_code = markets.market_code
    left join topics
        on days.topic = topics.topic
    left join issues
        on days.topic = issues.issue_code

),

final as (

    select
        md5(jsonb_build_array(site_day_key, market_key, page, topic)::text) as page_day_key,
        site_day_key,
        market_key as market_code,
        coalesce(max(brand_code), 'unknown') as brand_code,
        visited_date as local_date_key,
        issue_code,
        source,
        site,
        page,
        topic,
        -- If one part is unknown, the whole is unknown.
        case when count(*) = count(visit_count) then sum(visit_count)::bigint end as visit_count,
        -- One person may be in several rows, so visitors must not be added up.
        case when count(*) = 1 then max(visitor_count) end as visitor_count
    from named
    group by site_day_key, market_key, visited_date, issue_code, source, site, page, topic

)

select * from final
