-- One row per person or account that spoke to the company, under a pseudonym.
{{
    config(
        materialized='incremental',
        unique_key='author_key',
        meta={'changed_keys': 'int_authors_concerned'},
        indexes=[{'columns': ['author_key'], 'unique': True}]
    )
}}

with

sights as not materialized (

    select * from {{ ref('int_author_sights') }}

),

authors as (

    select
        links.*,
        {{ party_kind('links.customer_id', 'customers.status') }} as party_kind
    from {{ ref('int_author_customers') }} as links
    left join {{ ref('int_customer_versions') }} as customers
        on links.customer_id = customers.customer_id and customers.valid_to is null
    {{ only_changed('int_authors_concerned', 'author_key') }}

),

seen as (

    select
        authors.author_key,
        authors.source,
        authors.customer_id,
        authors.party_kind,
        (
            array_agg(sights.followers order by sights.followers_read_at desc, sights.conversation_native_id desc)
            filter (where sights.followers is not null)
        )[1]
            as followers,
        (array_agg(sights.source_conversation_id order by sights.first_seen_at, sights.conversation_native_id))[1]
            as first_source_conversation_id,
        (
            array_agg(
                sights.source_conversation_id order by sights.last_seen_at desc, sights.conversation_native_id desc
            )
        )[1]
            as last_source_conversation_id,
        min(sights.first_seen_at) as first_seen_at,
        max(sights.last_seen_at) as last_seen_at,
        sum(sights.public_post_count)::bigint as public_post_count,
        {{ per_public_post('sights.answered_post_count') }} as answered_share,
        {{ per_public_post('sights.like_count') }} + {{ per_public_post('sights.share_count') }} as engagement_per_post,
        {{ per_public_post('sights.share_count') }} as reposts_per_post
    from authors
    inner join sights
        on authors.source = sights.source and authors.author_native_id = sights.author_native_id
    group by authors.author_key, authors.source, authors.customer_id, authors.party_kind

),

topics as (

    select
        authors.author_key,
        mode() within group (order by interactions.issue_code) as main_issue_code
    from authors
    inner join sights
        on authors.source = sights.source and authors.author_native_id = sights.author_native_id
    inner join {{ ref('fct_interactions') }} as interactions
        on
            sights.source_conversation_id = interactions.source_conversation_id
            and authors.author_key = interactions.author_key
    where interactions.issue_code <> 'unknown'
    group by authors.author_key

),

final as (

    select
        coalesce(seen.author_key{{ '' if is_incremental() else ', special.author_key' }}) as author_key,
        seen.source,
        seen.customer_id,
        seen.first_source_conversation_id,
        seen.last_source_conversation_id,
        coalesce(seen.party_kind, 'unknown') as party_kind,
        topics.main_issue_code,
        seen.followers,
        seen.public_post_count,
        seen.engagement_per_post,
        seen.reposts_per_post,
        seen.answered_share,
        {{ influence_score('seen') }} as influence_score,
        seen.first_seen_at,
        seen.last_seen_at
    from seen
    {% if not is_incremental() %}
        full outer join (values ('unknown'), ('not_applicable')) as special (author_key) -- noqa: ST11
            on seen.author_key = special.author_key
    {% endif %}
    left join topics
        on seen.author_key = topics.author_key

)

select * from final
