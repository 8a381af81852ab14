-- One row per customer, or conversation of an unknown customer, whose contacts this run must replace.
{{
    config(
        materialized='table',
        indexes=[{'columns': ['contact_owner_key'], 'unique': True}, {'columns': ['customer_id']}]
    )
}}

with

seen as (

    select * from {{ ref('int_contact_owners_seen') }}

),

contacts as (

    select * from {{ ref('int_contacts') }}

),

rules as (

    select * from {{ ref('contact_rules') }}
    where rule_id = 'repeat_contact'

),

owners as (

    select contact_owner_key from seen
    {% if not flags.FULL_REFRESH -%}
        where seen_by_transform > {{ last_published_transform() }}
    {%- endif %}
    union
    -- Time alone shows that nobody came back: contacts whose days have ended since the last publication.
    select contacts.contact_owner_key
    from contacts
    cross join rules
    where
        contacts.contacted_at >= {{ last_published_as_of() }} - rules.days * interval '1 day'
        and contacts.contacted_at < {{ running_as_of() }} - rules.days * interval '1 day'

),

final as (

    select
        contact_owner_key,
        case when contact_owner_key not like 'conversation:%' then contact_owner_key end as customer_id
    from owners

)

select * from final
