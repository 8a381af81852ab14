"""Work queue and risk: what to answer next, what is risky, who speaks for us; and whether the data can be trusted."""

from social_crm.dashboards.changes import changes
from social_crm.dashboards.charts import COUNT, NUMBER, SHARE, On, condition, hours, measure, where
from social_crm.dashboards.layout import Dashboard, Tab
from social_crm.enrichment.risk_flags import RISK_FLAGS

_PROMISES, _SPOKEN = On("sla_events"), On("interaction_days")
# What waits now waits in any period: the longest waits began before it.
_WAITING, _RUNNING = On("response_gaps", None), On("sla_events", None)
_SAID, _MONTHS = On("interactions"), On("customer_months", None)
_AUTHORS, _VERSIONS = On("dim_author", None), On("publications", None)
_QUEUE, _ROUTED, _SENT = On("rpt_work_queue", None), On("rpt_routing"), On("rpt_activations", None)
# What the gate objected to last night is of no past week.
_FRESH, _GATE = On("rpt_source_freshness", None), On("rpt_gate_results", None)
_KEPT_OUT, _GAPS = On("rpt_quarantine", None), On("rpt_load_gaps", None)
_ACTED, _IN_TIME = "Median minutes until acted on", "Share in time"
_OUTCOMES = {"In time": "in_time", "Late": "late", "Overdue": "overdue", "Not due yet": "waiting", "Unknown": "unknown"}
_EXPOSED = "Flagged in public"
_ANY_FLAG = condition(" or ".join(RISK_FLAGS))
_NOW = [
    _WAITING.number("queue_waits", "Waiting for a reply", "running_waits", COUNT, width=4),
    _RUNNING.number("queue_running", "Promises running", "sla_running", COUNT, width=4),
    _VERSIONS.number("queue_as_of", "Known up to (UTC)", measure("as of", "max(as_of)"), COUNT, width=4),
]
_NUMBERS = [
    _PROMISES.number("queue_missed", "Promises missed", "sla_missed", COUNT, width=4),
    _SPOKEN.number("queue_flagged", "Flagged as a risk", "flagged_interactions", COUNT, width=4),
    _SPOKEN.number("queue_flag_share", "Flagged share", "flagged_share", SHARE, width=4),
]

WORK_QUEUE = Dashboard(
    slug="work-queue",
    title="Work queue, risk and data trust",
    header=(
        "**What must be answered next, what is risky, who speaks for or against us, and can these numbers be trusted?**"
        " What waits is as of the last publication, whatever the period: what was answered since is not known here."
        ' "Known up to" is said of every market, brand and channel.'
    ),
    rows=[
        _NOW,
        _NUMBERS,
        changes(*_NUMBERS),
    ],
    tabs=[
        Tab(
            "What to answer next",
            [
                [
                    _QUEUE.rows(
                        "queue_next",
                        "What comes first? Points for time to breach, displeasure, influence and value",
                        ["queue_position", "market", "channel", "waits_for", "due_at", "is_overdue", "contact_type",
                         "issue", "routing_team", "action", "customer_tier", "priority_points", "text_excerpt",
                         "conversation_id"], "queue_position", first=True, search=True, height=84,
                    ),
                ],
                [
                    _RUNNING.rows(
                        "queue_due", "Which promises fall due next? The soonest on top",
                        ["due_at", "market", "channel", "brand", "sla_policy", "priority", "customer_tier",
                         "author_followers", "agent_id", "conversation_id", "sla_event_id"], "due_at",
                        where("outcome", "running"), first=True,
                    ),
                ],
                [
                    _WAITING.rows(
                        "queue_waiting", "Who waits for a reply, the longest on top?",
                        ["started_at", "market", "channel", "brand", "customer_message_count", "customer_tier",
                         "agent_id", "conversation_id", "first_interaction_id"], "started_at",
                        where("outcome", "running", "waiting", "open"), first=True,
                    ),
                ],
            ],
        ),
        Tab(
            "Routed and sent out",
            [
                [
                    _ROUTED.table(
                        "routed_teams", "Did what was routed reach its team, and was it acted on in time?",
                        ["contact_type", "team"],
                        [measure("Contacts", "count(*)"), measure("Reached their team", "sum(is_reached::integer)"),
                         *(measure(label, f"count(*) filter (where outcome = '{outcome}')")
                           for label, outcome in _OUTCOMES.items()),
                         measure(_IN_TIME, "avg((outcome = 'in_time')::integer)"
                                 " filter (where outcome not in ('unknown', 'waiting'))"),
                         measure(_ACTED, "percentile_cont(0.5) within group (order by acted_seconds) / 60.0")],
                        forms={**dict.fromkeys(["Contacts", "Reached their team", *_OUTCOMES], COUNT),
                               _IN_TIME: SHARE, _ACTED: NUMBER}, height=36,
                    ),
                ],
                [
                    _ROUTED.rows(
                        "routed_rows", "Each of them, the newest first",
                        ["requested_at", "market", "channel", "contact_type", "issue", "team", "action",
                         "outcome", "due_at", "reached_at", "acted_at", "conversation_id"], "requested_at",
                    ),
                ],
                [
                    _SENT.rows(
                        "sent_rows",
                        "What went out to the helpdesk, the CRM and people, whatever the period, brand and channel?"
                        " Empty: nothing did",
                        ["planned_at", "sent_at", "state", "kind", "target", "market", "routing_team", "action",
                         "error_kind", "attempt_count", "remote_id", "item_id"], "planned_at",
                    ),
                ],
            ],
        ),
        Tab(
            "Risk",
            [
                [
                    _SPOKEN.table(
                        "risk_flags", "Which posts carry a risk, where? Those that anybody can read first",
                        ["market", "channel"],
                        [measure(_EXPOSED, "sum(case when visibility = 'public' then flagged_count else 0 end)"),
                         "flagged_interactions", "card_number_interactions", "personal_data_interactions",
                         "legal_threat_interactions", "copyright_interactions", "offensive_interactions",
                         "safety_risk_interactions"], condition("flagged_count > 0"), forms={_EXPOSED: COUNT},
                    ),
                ],
                [
                    _SAID.rows(
                        "risk_rows", "The flagged interactions, newest first",
                        ["published_at", "market", "channel", "visibility", "has_card_number", "has_personal_data",
                         "is_legal_threat", "is_copyright_claim", "is_offensive", "is_safety_risk", "text_masked",
                         "interaction_id"], "published_at", _ANY_FLAG,
                    ),
                ],
            ],
        ),
        Tab(
            "Advocates",
            [
                [
                    _MONTHS.table(
                        "adv_months",
                        "Who speaks for us, whom did handling win over? Whatever the period, market, brand and channel",
                        ["month_start_date"],
                        ["judged_customers", "advocates", "detractors", "won_over_customers", "advocate_share",
                         "detractor_share", "improved_by_handling_share"],
                        order=measure("Newest", "max(month_start_date)"), height=30,
                    ),
                ],
                [
                    _MONTHS.rows(
                        "adv_customers",
                        "Who are they, by the CRM's numbers? Whatever the period, market, brand and channel",
                        ["month_start_date", "customer_id", "stance", "previous_stance", "message_count",
                         "positive_count", "negative_count", "handled_count", "improved_count", "worsened_count"],
                        ("month_start_date", "scored_count"), where("stance", "advocate", "detractor"),
                    ),
                ],
                [
                    _AUTHORS.rows(
                        "adv_authors",
                        "Whose words carry furthest? Whatever the period, market, brand and channel",
                        ["influence_score", "source", "party_kind", "main_issue", "followers",
                         "public_post_count", "customer_id", "author_key"], "influence_score",
                        where("influence_score"), most=50,
                    ),
                ],
            ],
        ),
        Tab(
            "Data trust",
            [
                [
                    _FRESH.rows(
                        "trust_fresh", "Is every source up to date? The furthest behind on top",
                        ["source", "resource", "is_stale", "complete_until", "expected_until",
                         hours("Lag", "lag_seconds"), "hole_count", "hole_from", "hole_until", "last_status",
                         "last_error_kind", "last_tried_at"],
                        "lag_seconds", height=40,
                    ),
                ],
                [
                    _GATE.rows(
                        "trust_gate", "What did the gate object to, newest first? Empty: nothing",
                        ["as_of", "table_name", "rule", "severity", "failed_count", "checked_count",
                         "transform_status", "publication_id"], ("as_of", "publication_id"), where("is_success", False),
                        height=36,
                    ),
                ],
                [
                    _KEPT_OUT.table(
                        "trust_quarantine", "What was kept out, and why? Empty: nothing was",
                        ["source", "resource", "reason"], [measure("Records", "sum(quarantined_count)")], width=6,
                        height=36,
                    ),
                    _GAPS.rows(
                        "trust_gaps", "What does a source no longer give us? Empty: it gave all",
                        ["source", "resource", "reason", "gap_start", "gap_end", "detected_at"], "detected_at", width=6,
                        height=36,
                    ),
                ],
                [
                    _VERSIONS.rows(
                        "trust_versions", "When was what published? A reason means that all history was rebuilt",
                        ["published_at", "as_of", "publication_id", "refresh_reason", "load_count",
                         "interaction_count", "conversation_count"], "publication_id", height=36,
                    ),
                ],
                [
                    "What is here is of every market, brand and channel, whatever the period. Nothing here? Then"
                    " nothing is published yet: run `transform`. What the gate checked stands in the Data Docs, which"
                    " Airflow serves under `/data-docs/index.html`; what to do when it refuses stands in"
                    " `docs/runbooks/gate-refused.md`; when a source stays away, in"
                    " `docs/runbooks/replay-a-failed-load.md`."
                ],
            ],
        ),
    ],
)  # fmt: skip
