-- One row per local day, market, brand, channel and kind of utterance: who spoke to whom, about what, in which mood.
{{
    config(
        materialized='incremental',
        unique_key=['market_code', 'local_date_key'],
        meta={'changed_keys': 'int_market_days_touched'},
        indexes=[{'columns': ['interaction_day_key'], 'unique': True}, {'columns': ['market_code', 'local_date_key']}]
    )
}}
{% set kinds = [
    'market_code', 'local_date_key', 'brand_code', 'channel_code', 'direction', 'visibility', 'surface', 'sender_kind',
    'contact_type_code', 'sentiment_label', 'is_serviceable', 'is_direct', 'is_internal'
] %}

with

interactions as (

    select
        *,
        direction = 'inbound' and not is_internal as is_inbound
    from {{ ref('fct_interactions') }}
    {{ only_changed('int_market_days_touched', 'market_code, local_date_key') }}

),

final as (

    select
        md5(row({{ kinds | join(', ') }})::text) as interaction_day_key,
        {% for kind in kinds -%}
            {{ kind }},
        {% endfor -%}
        (count(*) filter (where not is_internal))::integer as interaction_count,
        (count(*) filter (where is_internal))::integer as note_count,
        (count(*) filter (where is_inbound))::integer as inbound_count,
        (count(*) filter (where is_inbound and sender_kind = 'customer'))::integer as customer_message_count,
        (count(*) filter (where is_inbound and sender_kind = 'customer' and is_serviceable is null))::integer
            as undecided_count,
        (count(*) filter (where is_inbound and is_serviceable is not null))::integer as decided_count,
        (count(*) filter (where is_inbound and is_serviceable))::integer as serviceable_count,
        (count(*) filter (where is_inbound and is_direct))::integer as direct_count,
        (count(*) filter (where is_inbound and visibility = 'public'))::integer as public_count,
        (count(*) filter (where is_inbound and sender_kind = 'peer'))::integer as peer_message_count,
        (count(*) filter (where is_peer_answer))::integer as peer_answer_count,
        (count(*) filter (where is_inbound and sentiment_label is not null))::integer as scored_count,
        (count(*) filter (where is_inbound and sentiment_label = 'positive'))::integer as positive_count,
        (count(*) filter (where is_inbound and sentiment_label = 'negative'))::integer as negative_count,
        (count(care_compound) filter (where is_inbound))::integer as care_scored_count,
        -- Exact, unlike a sum of floats, which depends on the order of the rows.
        sum(care_compound::numeric) filter (where is_inbound) as care_compound_sum,
        {% for flag in risk_flags() -%}
            (count(*) filter (where {{ flag }}))::integer as {{ flag }}_count,
        {% endfor -%}
        (count(*) filter (where {{ risk_flags() | join(' or ') }}))::integer as flagged_count,
        (count(*) filter (where is_deleted))::integer as deleted_count
    from interactions
    group by {{ kinds | join(', ') }}

)

select * from final
