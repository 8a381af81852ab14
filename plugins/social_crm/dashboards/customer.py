"""Customer 360: who it is, how sure we are, what was said on every channel, what is open, of what value."""

from social_crm.dashboards.charts import COUNT, NUMBER, SCORE, On, measure, where
from social_crm.dashboards.layout import Dashboard

_SAID, _CASES, _CONTACTS = On("interactions"), On("conversations"), On("contacts")
_LINKS, _PEOPLE = On("bridge_customer_identities", None), On("customers", None)

CUSTOMER = Dashboard(
    slug="customer-360",
    title="Customer 360",
    header=(
        "**Who is this, how sure are we, what happened on every channel, what is open, how did their mood go?** Choose"
        " a customer above; without one, the newest of all customers are listed. Customers are pseudonyms of the CRM's"
        " numbers; texts are masked. Confidence says how sure it is that an account on a channel is that customer."
    ),
    filters=("period", "customer_id", "region", "market", "brand", "channel"),
    rows=[
        [
            _SAID.kpi("cust_customers", "Customers who spoke", "speaking_customers", COUNT, width=3),
            _CASES.kpi("cust_cases", "Conversations", "conversations", COUNT, where("customer_id"), width=3),
            _CASES.kpi("cust_open", "Of them open", "open_conversations", COUNT, where("customer_id"), width=3),
            _CASES.kpi(
                "cust_frt", "First reply, median min", "frt_customer_calendar_median_minutes", NUMBER,
                where("customer_id"), better="less", width=3,
            ),
        ],
        [
            _PEOPLE.rows(
                "cust_value", "Who is it, and of what value?",
                ["customer_id", "segment", "tier", "status", "industry", "lifetime_value_usd", "customer_since"],
                "lifetime_value_usd", where("is_current", True), where("customer_since"), width=6, height=40,
            ),
            _LINKS.rows(
                "cust_links", "Which accounts are theirs, and how sure are we?",
                ["customer_id", "channel_code", "method", "confidence", "evidence", "is_contradicted", "author_key"],
                "confidence", where("is_current", True), width=6, height=40,
            ),
        ],
        [
            _SAID.rows(
                "cust_timeline", "Every interaction on every channel, newest first",
                ["published_at", "customer_id", "channel", "direction", "sender_kind", "issue", "sentiment_label",
                 "text_masked", "conversation_id", "interaction_id"], "published_at", where("customer_id"), search=True,
            ),
        ],
        [
            _SAID.lines(
                "cust_mood", "How did their mood go? Mean care score by day, −1 to 1",
                [measure("Care score", "avg(care_compound)")], SCORE, "from −1 to 1", where("care_compound"),
                where("customer_id"), where("direction", "inbound"), from_zero=False,
            ),
            _CASES.rows(
                "cust_cases_open", "What is open with them?",
                ["opened_at", "customer_id", "channel", "issue", "status", "priority", "conversation_id"], "opened_at",
                where("is_open", True), where("customer_id"), width=6, height=38,
            ),
        ],
    ],
    tabs=[],
)  # fmt: skip
