-- One row per author whose row in dim_author this run replaces: pending, or seen in a touched conversation.
{{ config(materialized='table', indexes=[{'columns': ['author_key'], 'unique': True}]) }}

with

touched as (

    select * from {{ ref('int_conversations_touched') }}

),

sights as (

    select * from {{ ref('int_author_sights') }}

),

links as (

    select * from {{ ref('int_author_customers') }}

),

-- A corrected record may have removed some or all words of a pending author.
pending as (

    select * from {{ ref('int_authors_pending') }}

),

final as (

    select author_key from pending
    {% if not flags.FULL_REFRESH -%}
        union
        select links.author_key
        from touched
        inner join sights
            on
                touched.source = sights.source
                and touched.conversation_native_id = sights.conversation_native_id
        inner join links
            on sights.source = links.source and sights.author_native_id = links.author_native_id
    {%- endif %}

)

select * from final
