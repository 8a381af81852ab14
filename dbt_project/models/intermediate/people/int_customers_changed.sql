-- One row per CRM customer with a new version of their own or of their account in a pending load.
{{ config(materialized='table', indexes=[{'columns': ['customer_id'], 'unique': True}]) }}

with

pending_loads as (

    select * from {{ source('ops', 'pending_loads') }}

),

customer_versions as not materialized (

    select * from {{ ref('int_customers_staged') }}

),

accounts as (

    select * from {{ ref('int_accounts_staged') }}

),

final as (

    select customer_id from customer_versions
    where _load_id = any(array(select pending_loads.load_id from pending_loads))
    union
    select customer_versions.customer_id
    from accounts
    inner join customer_versions
        on accounts.account_id = customer_versions.account_id
    where accounts._load_id = any(array(select pending_loads.load_id from pending_loads))

)

select * from final
