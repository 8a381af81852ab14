-- One row per row of a page and day in any web analytics source.
{{ config(tags=['standing']) }}

{% for source_name in var('page_day_sources') %}
    select
        source,
        site_day_key,
        site,
        visited_date,
        page,
        topic,
        market_code,
        brand_code,
        visit_count,
        visitor_count,
        _load_id
    from {{ ref('stg_' ~ source_name ~ '__page_days') }}
    {{ 'union all' if not loop.last }}
{% endfor %}
