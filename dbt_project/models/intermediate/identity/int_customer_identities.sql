-- One row per CRM customer, kind of identifier and value, of the current version and of earlier ones.
{{
    config(
        materialized='incremental',
        unique_key='customer_id',
        meta={'changed_keys': 'int_customers_changed'},
        indexes=[{'columns': ['customer_id']}, {'columns': ['identity_value', 'identity_kind']}]
    )
}}

with

versions as (

    select * from {{ ref('int_customers_staged') }}
    {{ only_changed('int_customers_changed', 'customer_id') }}

),

blocklist as (

    select
        *,
        case when identity_kind = 'phone' then {{ normalise_phone('identity_value') }} end as phone
    from {{ ref('identity_blocklist') }}

),

identities as (

    select
        versions.customer_id,
        keys.identity_kind,
        keys.identity_value,
        bool_or(versions.valid_to is null) as is_current,
        case when bool_and(versions.valid_from is not null) then min(versions.valid_from) end as valid_from,
        case when bool_and(versions.valid_to is not null) then max(versions.valid_to) end as valid_to
    from versions
    cross join
        lateral (
            values
            ('external_ref', btrim(versions.external_ref)),
            ('email', {{ normalise_email('versions.email') }}),
            ('phone', {{ normalise_phone('versions.phone') }}),
            ('x_handle', {{ normalise_handle('versions.x_handle') }}),
            ('private_reference', upper(btrim(versions.external_ref)))
        ) as keys (identity_kind, identity_value)
    -- A customer that a CRM deleted, or merged into another, has no identifiers any more: they belong to the other
    -- alone.
    where keys.identity_value is not null and (versions.status is distinct from 'deleted')
    group by versions.customer_id, keys.identity_kind, keys.identity_value

),

final as (

    select identities.*
    from identities
    left join blocklist
        on
            (
                identities.identity_kind = blocklist.identity_kind
                and identities.identity_value = blocklist.identity_value
            )
            or (
                identities.identity_kind = 'private_reference'
                and blocklist.identity_kind = 'external_ref'
                and identities.identity_value = upper(blocklist.identity_value)
            )
            -- A mailbox that many people read identifies nobody.
            or (
                identities.identity_kind = 'email'
                and blocklist.identity_kind = 'email_local_part'
                and split_part(identities.identity_value, '@', 1) = blocklist.identity_value
            )
            -- With or without a country code, which has at most three digits.
            or (
                identities.identity_kind = 'phone'
                and identities.identity_value ~ ('^([1-9]\d{0,2})?' || blocklist.phone || '$')
            )
    where blocklist.identity_value is null

)

select * from final
