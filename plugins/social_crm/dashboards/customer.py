"""Customer 360: who it is, how sure we are, what was said on every channel, what is open, of what value."""

from social_crm.dashboards.changes import changes
from social_crm.dashboards.charts import COUNT, NUMBER, SCORE, On, measure, where
from social_crm.dashboards.layout import Dashboard

_SAID, _CASES, _CONTACTS = On("interactions"), On("conversations"), On("contacts")
_OPEN = On("conversations", None)  # for any period: what has been open longest was opened before it
_TIMELINE, _ANSWERS = On("rpt_customer_timeline", "occurred_at"), On("rpt_conflicting_answers", None)
_LINKS, _PEOPLE = On("bridge_customer_identities", None), On("customers", None)
_NUMBERS = [
    _CONTACTS.number("cust_contacts", "Contacts", "contacts", COUNT, width=3),
    _CASES.number("cust_cases", "Conversations", "conversations", COUNT, width=3),
    _CASES.number("cust_open", "Of them open", "open_conversations", COUNT, width=3),
    _CASES.number(
        "cust_frt", "First reply, median (min)", "frt_customer_calendar_median_minutes", NUMBER, width=3
    ),
]  # fmt: skip

CUSTOMER = Dashboard(
    slug="customer-360",
    title="Customer 360",
    header=(
        "**Who is this, how sure are we, what happened on every channel, what is open, how did their mood go?** Choose"
        " a customer above: before that, nobody is asked for and every chart is empty. Customers are shown by the CRM's"
        " numbers, accounts by pseudonyms, nobody by name; texts are masked. Confidence says how sure it is that an"
        " account on a channel is that customer. Who it is, their accounts and what contradicts itself are shown"
        " whatever the period, market, brand and channel. [Who is it?](/people/) finds names and addresses; each look"
        " is written down."
    ),
    filters=("period", "customer_id", "region", "market", "brand", "channel"),
    rows=[
        _NUMBERS,
        changes(*_NUMBERS),
        [
            _PEOPLE.rows(
                "cust_value", "Who is it, and of what value?",
                ["customer_id", "segment", "tier", "status", "industry", "lifetime_value_usd", "customer_since"],
                "lifetime_value_usd", where("is_current", True), where("customer_since"), width=6, height=38,
            ),
            _LINKS.rows(
                "cust_links", "Which accounts are theirs, and how sure are we?",
                ["customer_id", "channel", "method", "confidence", "evidence", "is_contradicted", "author_key"],
                "confidence", where("is_current", True), width=6, height=38,
            ),
        ],
        [
            _TIMELINE.rows(
                "cust_timeline", "Everything on every channel, newest first, and how sure we are that it was them",
                ["occurred_at", "customer_id", "event_kind", "channel", "direction", "sender_kind", "issue",
                 "sentiment_label", "text_excerpt", "identity_method", "identity_confidence", "conversation_id"],
                "occurred_at", search=True, height=64,
            ),
        ],
        [
            _SAID.lines(
                "cust_mood", "How did their mood go? Mean care score by day, −1 to 1",
                [measure("Care score", "avg(care_compound)")], SCORE, "from −1 to 1", where("care_compound"),
                where("direction", "inbound"), from_zero=False,
            ),
            _OPEN.rows(
                "cust_cases_open", "What is open with them, whenever it was opened?",
                ["opened_at", "customer_id", "channel", "issue", "status", "priority", "conversation_id"], "opened_at",
                where("is_open", True), width=6, height=38,
            ),
        ],
        [
            _ANSWERS.rows(
                "cust_answers", "Did anybody get two answers to one question within 30 days? Empty: nobody did",
                ["later_answered_at", "customer_id", "subject", "earlier_answer", "later_answer",
                 "earlier_channel", "later_channel", "earlier_market", "later_market", "earlier_team", "later_team",
                 "earlier_conversation_id", "later_conversation_id"], "later_answered_at", height=30,
            ),
        ],
    ],
    tabs=[],
)  # fmt: skip
