-- One row per contact type, with `unknown`, and `not_applicable` for utterances of staff.
{{ config(tags=['standing']) }}

with

contact_types as (

    select * from {{ ref('contact_types') }}

),

final as (

    select
        contact_type_code,
        contact_type,
        is_serviceable
    from contact_types
    union all
    select
        special.contact_type_code,
        special.contact_type,
        null as is_serviceable
    from (
        values ('unknown', 'Unknown'), ('not_applicable', 'Not applicable')
    ) as special (contact_type_code, contact_type)

)

select * from final
