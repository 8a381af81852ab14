"""Finds in `bi` what should become a case or a note."""

from psycopg.rows import dict_row

from social_crm.activation.model import Item
from social_crm.database import connect
from social_crm.settings import load_settings


def planned_cases() -> list[Item]:
    """Return the cases that the seed activation_rules asks for, most urgent of each rule first."""
    with connect(load_settings().warehouse_transformer_url) as warehouse, warehouse.cursor(row_factory=dict_row) as ask:
        rows = ask.execute(_PLAN).fetchall()
    return [
        Item(
            kind="helpdesk_case",
            item_id=row["item_id"],
            title=f"{row['action'].capitalize()}: {row['contact_type']} on {row['channel']}, {row['market']}",
            body=_BODY.format(**{name: "unknown" if value is None else value for name, value in row.items()}),
            rule=row["activation_rule_id"],
            most_per_run=row["most_per_run"],
            conversation_id=row["conversation_id"],
            customer_id=row["customer_id"],
            market_code=row["market_code"],
            team_code=row["team_code"],
            group=row["helpdesk_group"],
            action=row["action"],
            is_urgent=row["is_overdue"],
        )
        for row in rows
    ]


def planned_notes() -> list[Item]:
    """Return a note for each case that we created for a conversation of a known customer."""
    with connect(load_settings().warehouse_transformer_url) as warehouse:
        rows = warehouse.execute(_NOTES).fetchall()
    return [
        Item(
            kind="crm_note",
            item_id=item_id,
            title="",
            body=f"Case {remote_id} in {target} for team {team}: {action}. Conversation {conversation_id}.",
            conversation_id=conversation_id,
            customer_id=customer_id,
            market_code=market,
            team_code=team,
            action=action,
        )
        for item_id, remote_id, target, team, action, conversation_id, customer_id, market in rows
    ]


_PLAN = """
select plan.*, types.contact_type, channels.channel, coalesce(markets.market, 'market unknown') as market
from bi.rpt_activation_plan as plan
inner join bi.dim_contact_type as types on plan.contact_type_code = types.contact_type_code
inner join bi.dim_channel as channels on plan.channel_code = channels.channel_code
left join bi.dim_market as markets on plan.market_code = markets.market_code
order by plan.activation_rule_id, plan.plan_position
"""
_NOTES = """
select
    made.item_id, made.remote_id, made.target, made.team_code, made.action, made.conversation_id,
    conversations.customer_id, made.market_code
from bi.activations as made
inner join bi.fct_conversations as conversations on made.conversation_id = conversations.conversation_id
where
    made.kind = 'helpdesk_case' and made.state = 'sent'
    -- Notes go to the customer database: it knows nobody of another CRM.
    and ops.customer_identifier(conversations.customer_id) like 'crm|%'
order by made.item_id
"""
_BODY = """\
{action} by {due_at} (UTC). {contact_type} about {issue_code}, product {product_code}, language {language}.

> {text_excerpt}

Conversation {conversation_id}, message {interaction_id}, channel {channel}, market {market}, brand {brand_code}.
Asked for by rule {activation_rule_id} of activation_rules. Look it up in rpt_activation_plan by {item_id}.
"""
