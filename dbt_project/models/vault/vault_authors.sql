-- One row per author whose source allows identity matching: their names and addresses, and their customer.
{{
    config(
        alias='authors',
        unique_key='author_key',
        meta={'changed_keys': 'int_authors_pending'},
        pre_hook="{{ delete_unmatchable_authors() }}",
        indexes=[
            {'columns': ['author_key'], 'unique': True},
            {'columns': ['customer_id']},
            {'columns': ['handle_key']},
            {'columns': ['source']}
        ]
    )
}}

with

links as (

    select * from {{ ref('int_author_customers') }}
    {{ only_changed('int_authors_pending', 'author_key') }}

),

interactions as (

    select * from {{ ref('int_interactions') }}
    where direction = 'inbound'

),

policies as (

    select * from {{ ref('source_policies') }}
    where may_match_identities

),

-- The newest value of each, because people change their names and handles.
final as (

    select
        links.author_key,
        links.source,
        links.customer_id,
        {% for value in ['name', 'handle', 'email', 'phone'] -%}
            (
                array_agg(
                    interactions.author_{{ value }}
                    order by interactions.extracted_at desc, interactions.interaction_id desc
                ) filter (where interactions.author_{{ value }} is not null)
            )[1] as author_{{ value }},
        {% endfor -%}
        (
            array_agg(
                {{ normalise_handle('interactions.author_handle') }}
                order by interactions.extracted_at desc, interactions.interaction_id desc
            ) filter (where interactions.author_handle is not null)
        )[1] as handle_key
    from links
    inner join policies
        on links.source = policies.source
    inner join interactions
        on links.source = interactions.source and links.author_native_id = interactions.author_native_id
    group by links.author_key, links.source, links.customer_id

)

select * from final
