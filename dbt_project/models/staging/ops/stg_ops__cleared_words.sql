-- One row per utterance whose words a policy or an erasure took away, with what the star must still know of them.
with

source as (

    select * from {{ source('ops', 'cleared_words') }}

),

renamed as (

    select
        interaction_id,
        text_key,
        rule_ids,
        is_erased,
        extracted_at
    from source

)

select * from renamed
