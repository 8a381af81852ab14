-- One row per ticket comment, including the description (its first comment) and private notes of staff.
{#- A reply written in the agents' web screen is sent by the channel of the ticket. -#}
{% set via_channel = "coalesce(substring(comments.via_channel from '^(?:twitter|facebook).*'), tickets.via_channel,"
    " comments.via_channel)" %}
with

comments as (

    select * from {{ ref('stg_zendesk__comments') }}

),

tickets as (

    select * from {{ ref('stg_zendesk__tickets') }}

),

users as (

    select * from {{ ref('stg_zendesk__users') }}

),

user_versions as (

    select * from {{ ref('stg_zendesk__user_versions') }}

),

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'zendesk'

),

channels as (

    select
        channel_codes.source_channel,
        channels.surface,
        channels.visibility
    from {{ ref('channel_codes') }} as channel_codes
    inner join {{ ref('channels') }} as channels
        on channel_codes.channel_code = channels.channel_code
    where channel_codes.source = 'zendesk'

),

final as (

    select
        'zendesk:' || comments.comment_id as interaction_id,
        'zendesk' as source,
        tickets.brand_id as source_account,
        comments.comment_id as native_id,
        comments.conversation_native_id,
        {{ via_channel }} as source_channel,
        coalesce(channels.surface, 'owned') as surface,
        case when comments.is_internal then 'private' else coalesce(channels.visibility, 'private') end as visibility,
        comments.is_internal,
        case
            when comments.is_internal or senders.kind in ('agent', 'bot', 'system') then 'outbound' else 'inbound'
        end as direction,
        senders.kind as sender_kind,
        comments.author_id as author_native_id,
        users.name as author_name,
        -- An address that nobody has confirmed may belong to somebody else.
        case when coalesce(users.is_verified, true) then users.email end as author_email,
        users.phone as author_phone,
        users.external_id as author_external_id,
        case when senders.kind = 'agent' then comments.author_id end as agent_native_id,
        comments.created_at as published_at,
        comments.created_at as available_at,
        comments._extracted_at as extracted_at,
        case when tickets.status = 'deleted' then tickets.updated_at end as deleted_at,
        comments.text_plain,
        coalesce(tickets.market_code, source_accounts.market_code) as market_code,
        source_accounts.brand_code,
        jsonb_strip_nulls(jsonb_build_object(
            'via_channel', comments.via_channel,
            'ticket_type', tickets.ticket_type,
            'tags', tickets.tags,
            'satisfaction_score', tickets.satisfaction_score,
            'claimed_at', nullif(comments.claimed_at, comments.created_at)
        )) as source_attributes,
        {{ nulls_for(
            'in_reply_to_native_id', 'author_handle', 'author_followers', 'edited_at', 'rating', 'url', 'likes',
            'shares', 'views'
        ) }}
    from comments
    left join tickets
        on comments.conversation_native_id = tickets.conversation_native_id
    left join users
        on comments.author_id = users.user_id
    left join user_versions
        on
            comments.author_id = user_versions.user_id
            and {{ during_version('comments.created_at', 'user_versions') }}
    left join source_accounts
        on tickets.brand_id = source_accounts.source_account
    left join {{ ref('automated_agents') }} as automated_agents
        on automated_agents.source = 'zendesk' and comments.author_id = automated_agents.agent_native_id
    left join channels
        on {{ via_channel }} = channels.source_channel
    cross join
        lateral (
            values ({{ zendesk_sender_kind('comments.via_channel', 'comments.author_id', 'user_versions.role') }})
        ) as known (kind)
    cross join
        lateral ( -- only staff can write notes; an account of which the seed tells needs no line in the directory
            values (
                case
                    when comments.is_internal and known.kind = 'unknown' then 'agent'
                    when known.kind in ('customer', 'unknown') and automated_agents.source is not null then 'bot'
                    else known.kind
                end
            )
        ) as senders (kind)
    -- A case that we made is a contact only once a customer writes on it.
    where tickets.is_made_by_us is not true or {{ has_customer_comment('tickets.conversation_native_id') }}

)

select * from final
