-- One row per CRM customer and period in which the tracked columns (no names or addresses) stayed the same.
{{
    config(
        materialized='incremental',
        unique_key='customer_id',
        meta={'changed_keys': 'int_customers_changed'},
        indexes=[{'columns': ['customer_key'], 'unique': True}, {'columns': ['customer_id']}]
    )
}}

with

accounts as (

    select * from {{ ref('int_accounts_staged') }}

),

versions as (

    select distinct on (customer_id, held_from) -- of versions with one time, the last one read
        customer_id,
        account_id,
        market_code,
        segment,
        tier,
        status,
        lifetime_value_usd,
        jsonb_build_array(account_id, market_code, segment, tier, status, lifetime_value_usd) as tracked,
        created_at as customer_since,
        version_began_at as held_from
    from {{ ref('int_customers_staged') }}
    {{ only_changed('int_customers_changed', 'customer_id') }}
    order by customer_id, held_from, _extracted_at desc, _load_id desc, _record_hash desc

),

compared as (

    select
        *,
        row_number() over spans as version_number,
        tracked is distinct from lag(tracked) over spans as is_change
    from versions
    window spans as (partition by customer_id order by held_from)

),

final as (

    select
        -- The start of the first known version is unknown: keyed by its time, an undated version would depend on when
        -- it was read.
        md5(
            compared.customer_id || '|'
            || case when compared.version_number > 1 then extract(epoch from compared.held_from)::text else 'first' end
        ) as customer_key,
        compared.customer_id,
        compared.account_id,
        compared.market_code,
        compared.segment,
        compared.tier,
        compared.status,
        accounts.industry,
        compared.lifetime_value_usd,
        compared.customer_since,
        case when compared.version_number > 1 then compared.held_from end as valid_from,
        lead(compared.held_from) over (partition by compared.customer_id order by compared.held_from) as valid_to
    from compared
    left join accounts
        on compared.account_id = accounts.account_id
    where compared.is_change or compared.version_number = 1

)

select * from final
