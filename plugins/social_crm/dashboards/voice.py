"""Voice of the customer: what they come about, why, who comes again, what they ask for, what is starting."""

from social_crm.dashboards.changes import changes
from social_crm.dashboards.charts import COUNT, NUMBER, SHARE, On, condition, mark_small, measure, where
from social_crm.dashboards.layout import MONTH, Dashboard, Tab

_CONTACTS, _SAID, _SPOKEN, _ALERTS = On("contacts"), On("interactions"), On("interaction_days"), On("alerts")
_VISITS, _SCORES = On("page_visits"), On("survey_answers")
_CONFLICTS = On("rpt_conflicting_answer_days", "date_key")
_KNOWN = condition("issue_code <> 'unknown'")
_FEW_SCORES = mark_small(
    {
        "satisfaction": "count(verdict) filter (where metric = 'csat')",
        "recommendation": "count(verdict) filter (where metric = 'nps')",
    }
)
_COUNTED = {
    "Conflicting answers": "sum(conflict_count)",
    "Granted after a refusal": "sum(granted_after_refusal_count)",
    "On another channel": "sum(other_channel_count)",
}
_NUMBERS = [
    _CONTACTS.number("voice_contacts", "Contacts", "contacts", COUNT),
    _CONTACTS.number("voice_customers", "Known customers", "contact_customers", COUNT),
    _CONTACTS.number("voice_judged", "Judged after 7 days", "judged_contacts", COUNT),
    _CONTACTS.number("voice_repeat", "Of them came again", "repeat_contact_rate", SHARE),
    _CONTACTS.number("voice_once", "Solved at once", "first_contact_resolution", SHARE),
    _CONTACTS.number("voice_moved", "Came again elsewhere", "cross_channel_move_rate", SHARE),
]

VOICE = Dashboard(
    slug="voice-of-the-customer",
    title="Voice of the customer",
    header=(
        "**What do customers come about, which causes upstream would spare the contact, who comes again, and what do"
        " they ask us to build?** A contact is a customer's conversation that asks for something. Repeats are known"
        " once 7 days are over; younger contacts are in no share. Charts by issue leave out contacts whose issue nobody"
        " could tell. Quotes are masked."
    ),
    # Repeats of the last seven days' contacts are not known yet.
    period=MONTH,
    rows=[_NUMBERS, changes(*_NUMBERS)],
    tabs=[
        Tab(
            "Issues",
            [
                [
                    _CONTACTS.heatmap(
                        "voice_matrix", "Which issues with which products? Contacts", "contacts", "product", "issue",
                        COUNT, _KNOWN, height=64, left_margin=220,
                    ),
                ],
                [
                    _CONTACTS.bars(
                        "voice_issues", "On social or by phone and e-mail? Contacts by issue", ["contacts"], "issue",
                        COUNT, "contacts", _KNOWN, by="channel_family", stacked=True, height=64,
                    ),
                    _CONTACTS.bars(
                        "voice_units", "Which business unit answers for them? By the product, else by the issue",
                        ["contacts"], "business_unit", COUNT, "contacts", by="channel_family", stacked=True, height=64,
                    ),
                ],
            ],
        ),
        Tab(
            "Causes and repeats",
            [
                [
                    _CONTACTS.table(
                        "voice_causes", "Which causes, if fixed, would spare most?",
                        ["issue", "product", "business_unit"],
                        ["contacts", "contact_customers", "judged_contacts", "repeat_contact_rate",
                         "cross_channel_move_rate", "first_contacts_judged", "first_contact_resolution",
                         "contact_cost_usd", "repeat_cost_usd"], _KNOWN,
                    ),
                ],
                [
                    _CONFLICTS.table(
                        "voice_conflicts",
                        "Who told a customer the opposite of what another did? Answers about one issue within 30 days,"
                        " whatever the brand and channel. Empty: nobody did",
                        ["issue", "subject", "refused_by_market", "refused_by_team", "granted_by_market",
                         "granted_by_team"],
                        [measure(label, sql) for label, sql in _COUNTED.items()],
                        forms=dict.fromkeys(_COUNTED, COUNT), height=30,
                    ),
                ],
                [
                    _CONTACTS.rows(
                        "voice_again", "Who came again, newest first",
                        ["contacted_at", "market", "channel", "issue", "product", "customer_id",
                         "earlier_channel", "repeat_of_conversation_id", "conversation_id"], "contacted_at",
                        where("is_repeat", True),
                    ),
                ],
            ],
        ),
        Tab(
            "Trend and warnings",
            [
                [
                    _CONTACTS.lines(
                        "voice_trend", "What grows? The five largest issues by day", ["contacts"], COUNT, "contacts",
                        _KNOWN, by="issue", most=5,
                    ),
                    _CONTACTS.lines(
                        "voice_repeat_trend", "After how long do they come again? Median by day, once 7 days are over",
                        ["repeat_median_hours"], NUMBER, "hours",
                    ),
                ],
                [
                    _VISITS.lines(
                        "voice_visits",
                        "What do they look for on our sites, whatever the channel? The five largest issues by day",
                        ["page_visits"], COUNT, "visits", _KNOWN, by="issue", most=5,
                    ),
                    _VISITS.table(
                        "voice_pages", "Which pages do they open, whatever the channel?",
                        ["issue", "topic", "site", "page"], ["page_visits"], width=6, height=38,
                    ),
                ],
                [
                    _ALERTS.rows(
                        "voice_alerts",
                        "What was detected, whatever the channel? Empty: nothing crossed its threshold in the period",
                        ["detected_at", "started_at", "severity", "first_measure", "market", "brand", "issue",
                         "peak_author_count", "expected_author_count", "first_interaction_id", "alert_id"],
                        "detected_at", height=30,
                    ),
                ],
                [
                    _SAID.rows(
                        "voice_quotes", "In their words: the angriest about known issues",
                        ["care_compound", "issue", "product", "market", "channel", "text_masked", "published_at",
                         "interaction_id"], "care_compound",
                        where("direction", "inbound"), where("care_compound"), _KNOWN, first=True, most=100,
                    ),
                ],
            ],
        ),
        Tab(
            "Surveys",
            [
                [
                    _SCORES.number("voice_csat", "Satisfied", "csat_share", SHARE, width=3),
                    _SCORES.number("voice_csat_scores", "Scores of satisfaction", "csat_scores", COUNT, width=3),
                    _SCORES.number("voice_nps", "Net promoter score", "nps", NUMBER, width=3),
                    _SCORES.number("voice_nps_scores", "Scores of recommendation", "nps_scores", COUNT, width=3),
                ],
                [
                    _SCORES.lines(
                        "voice_csat_trend", "Are they satisfied? Good scores of all, by week", ["csat_share"], ".0%",
                        "satisfied", by="market", grain="P1W",
                    ),
                    _SCORES.table(
                        "voice_surveys", "What does each survey say?", ["survey", "market"],
                        ["survey_scores", "csat_share", "nps", _FEW_SCORES], width=6, height=38,
                    ),
                ],
            ],
        ),
        Tab(
            "Suggestions",
            [
                [
                    _SAID.rows(
                        "voice_suggestions", "What do they ask us to build?",
                        ["published_at", "market", "channel", "product", "issue", "text_masked", "interaction_id",
                         "conversation_id"], "published_at", where("contact_type_code", "suggestion"), search=True,
                    ),
                ],
                [
                    _SPOKEN.bars(
                        "voice_types", "What kinds of contact are there?", ["inbound_interactions"], "contact_type",
                        COUNT, "interactions", condition("inbound_count > 0"), by="channel_family", stacked=True,
                        width=12, height=54,
                    ),
                ],
            ],
        ),
    ],
)  # fmt: skip
