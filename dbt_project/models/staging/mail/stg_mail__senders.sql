-- One row per e-mail: who wrote it, and to which of our addresses it belongs.
with

messages as (

    select * from {{ ref('stg_mail__messages') }}

),

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'mail'

),

final as (

    select
        messages.*,
        case when relayed.is_relayed then messages.reply_address else messages.sender_address end as writer_address,
        case when relayed.is_relayed then messages.reply_name else messages.sender_name end as writer_name,
        written.is_ours,
        coalesce(addressed.is_us_alone, false) as is_to_us_alone,
        case when written.is_ours then own.source_account else addressed.source_account end as our_account
    from messages
    left join
        lateral (
            select source_accounts.source_account
            from source_accounts
            where source_accounts.source_account in ({{ mail_accounts_of('messages.sender_address') }})
            order by source_accounts.source_account like '@%'
            limit 1
        ) as own
        on true
    left join
        lateral (
            select source_accounts.source_account
            from source_accounts
            where source_accounts.source_account in ({{ mail_accounts_of('messages.reply_address') }})
            order by source_accounts.source_account
            limit 1
        ) as answered
        on true
    -- Contact forms and mailing lists send what a customer wrote under an address of ours, and answers to the customer.
    cross join
        lateral (
            values (
                not messages.is_sent_mailbox
                and own.source_account is not null
                and messages.reply_address is not null
                and answered.source_account is null
            )
        ) as relayed (is_relayed)
    cross join
        lateral (
            values (messages.is_sent_mailbox or (own.source_account is not null and not relayed.is_relayed))
        ) as written (is_ours)
    -- The first recipient of ours; a whole domain only where no address says more.
    left join
        lateral (
            select
                bool_and(source_accounts.source_account is not null) as is_us_alone,
                (array_agg(
                    source_accounts.source_account order by source_accounts.source_account like '@%', recipients.place
                ) filter (where source_accounts.source_account is not null))[1] as source_account
            from jsonb_array_elements_text(messages.recipient_addresses) with ordinality as recipients (address, place)
            left join source_accounts
                on source_accounts.source_account in ({{ mail_accounts_of('recipients.address') }})
        ) as addressed
        on true

)

select * from final
