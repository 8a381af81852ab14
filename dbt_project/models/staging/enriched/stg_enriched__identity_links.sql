-- One row per author and customer who are probably one person.
with

source as (

    select * from {{ source('enriched', 'identity_links') }}

),

renamed as (

    select
        source,
        author_native_id,
        customer_id,
        probability,
        evidence,
        model_version
    from source

)

select * from renamed
