-- One row per CRM customer and period with the same account, market, segment, tier, status and value.
{{
    config(
        materialized='incremental',
        unique_key='customer_id',
        meta={'changed_keys': 'int_customers_changed'},
        indexes=[{'columns': ['customer_key'], 'unique': True}, {'columns': ['customer_id']}]
    )
}}

with

customer_versions as (

    select * from {{ ref('int_customer_versions') }}
    {{ only_changed('int_customers_changed', 'customer_id') }}

),

members as (

    select
        customer_key,
        customer_id,
        account_id,
        market_code,
        segment,
        tier,
        status,
        industry,
        lifetime_value_usd,
        customer_since,
        valid_from,
        valid_to
    from customer_versions
    {% if not is_incremental() %}
        union all

        select
            special.customer_key,
            special.customer_key as customer_id,
            null as account_id,
            null as market_code,
            null as segment,
            null as tier,
            null as status,
            null as industry,
            null as lifetime_value_usd,
            null as customer_since,
            null as valid_from,
            null as valid_to
        from (values ('unknown'), ('not_applicable')) as special (customer_key)
    {% endif %}

),

final as (

    select
        members.customer_key,
        members.customer_id,
        members.account_id,
        coalesce(markets.market_code, 'unknown') as market_code,
        members.segment,
        members.tier,
        members.status,
        members.industry,
        members.lifetime_value_usd,
        members.valid_to is null as is_current,
        members.customer_since,
        members.valid_from,
        members.valid_to
    from members
    left join {{ ref('markets') }} as markets
        on members.market_code = markets.market_code

)

select * from final
