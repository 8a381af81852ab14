-- One row per customer in the CRM, with name and addresses, in the newest version.
{{
    config(
        alias='customers',
        unique_key='customer_id',
        meta={'changed_keys': 'int_customers_changed'},
        indexes=[
            {'columns': ['customer_id'], 'unique': True},
            {'columns': ['email_key']},
            {'columns': ['phone_key']},
            {'columns': ['handle_key']}
        ]
    )
}}

with

customers as (

    select * from {{ ref('int_customers_staged') }}
    {{ only_changed('int_customers_changed', 'customer_id') }}

),

markets as (

    select * from {{ ref('markets') }}

),

final as (

    select
        customers.customer_id,
        coalesce(markets.market_code, 'unknown') as market_code,
        nullif(concat_ws(' ', customers.first_name, customers.last_name), '') as full_name,
        customers.email,
        customers.phone,
        customers.x_handle,
        lower(normalize(nullif(concat_ws(' ', customers.first_name, customers.last_name), ''))) as name_key,
        {{ normalise_email('customers.email') }} as email_key,
        {{ normalise_phone('customers.phone') }} as phone_key,
        {{ normalise_handle('customers.x_handle') }} as handle_key
    from customers
    left join markets
        on customers.market_code = markets.market_code
    where customers.valid_to is null

)

select * from final
