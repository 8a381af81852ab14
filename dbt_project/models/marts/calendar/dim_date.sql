-- One row per day from 2000 (before any of our sources existed) to 2035 (after any backlog).
{{ config(tags=['standing'], indexes=[{'columns': ['date_key'], 'unique': True}]) }}

with

days as (

    select generate_series(date '2000-01-01', date '2035-12-31', interval '1 day')::date as date_key

),

final as (

    select
        date_key,
        extract(year from date_key)::integer as year,
        extract(quarter from date_key)::integer as quarter,
        extract(month from date_key)::integer as month,
        to_char(date_key, 'FMMonth') as month_name,
        date_trunc('month', date_key)::date as month_start_date,
        extract(isoyear from date_key)::integer as iso_year,
        extract(week from date_key)::integer as iso_week,
        date_trunc('week', date_key)::date as week_start_date,
        extract(isodow from date_key)::integer as iso_weekday,
        to_char(date_key, 'FMDay') as weekday_name,
        extract(isodow from date_key) in (6, 7) as is_weekend
    from days

)

select * from final
