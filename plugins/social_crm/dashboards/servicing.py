"""Social servicing: what asks for service, where, in public or private, asked or found, and who answered it."""

from social_crm.dashboards.changes import changes
from social_crm.dashboards.charts import COUNT, NUMBER, SHARE, On, column, condition, measure, where
from social_crm.dashboards.layout import MONTH, Dashboard, Tab
from social_crm.dashboards.medians import median_waits

_SPOKEN, _CASES, _CONTACTS, _SAID = On("interaction_days"), On("conversations"), On("contacts"), On("interactions")
_SOCIAL = where("channel_family", "social")
_INBOUND = where("direction", "inbound")
# Repeats are known before their absence is: a channel of recent contacts would have a name and no bar.
_JUDGED = condition("is_repeat_time_over and is_repeated is not null")
_OF_A_CHANNEL = where("channel_family", "social", "traditional")
# A reason alone does not say whether it speaks for or against an answer, nor does a person's label.
_REASON = column(
    "Reason",
    "case when is_serviceable then 'Yes: ' when not is_serviceable then 'No: ' else 'Undecided: ' end"
    " || case serviceable_reason when 'undecided' then 'no rule fired' else replace(serviceable_reason, '_', ' ') end",
)
_NUMBERS = [
    _SPOKEN.number("serv_rate", "Serviceable", "serviceable_rate", SHARE, _SOCIAL),
    _SPOKEN.number("serv_undecided", "Undecided", "undecided_share", SHARE, _SOCIAL),
    _SPOKEN.number("serv_direct", "Asked of us", "direct_share", SHARE, _SOCIAL),
    _CASES.number("serv_public", "Handled in public", "closed_in_public_share", SHARE, _SOCIAL),
    _CASES.number("serv_moved", "Moved to private", "moved_to_private_share", SHARE, _SOCIAL),
    _CONTACTS.number("serv_peers", "Deflected by peers", "peer_deflection_rate", SHARE),
]

SERVICING = Dashboard(
    slug="social-servicing",
    title="Social servicing",
    header=(
        "**What asks for service, on which kind of site, in public or private, asked of us or found; and what did peers"
        " answer?** The same rules in every market. Shares are of what could be decided; the undecided stand beside"
        " them. Numbers at the top are of social channels; nobody gets credit for a text. Moved to private: the"
        " conversation went on in private, or whoever asked in public sent us a message on that network within 7 days."
    ),
    # Repeats of the last seven days' contacts are not known yet.
    period=MONTH,
    rows=[_NUMBERS, changes(*_NUMBERS)],
    tabs=[
        Tab(
            "What asks for service",
            [
                [
                    _SPOKEN.bars(
                        "serv_sites", "Which kinds of site bring what asks for service?", ["serviceable_interactions"],
                        "site_type", COUNT, "interactions", most=30, height=60,
                    ),
                    _SPOKEN.bars(
                        "serv_site_rate", "Where does most of what is said ask for service?", ["serviceable_rate"],
                        "site_type", ".0%", "of decided", most=30, height=60,
                    ),
                ],
                [
                    _SAID.bars(
                        "serv_reasons", "Does it ask for service, and what tells?",
                        [measure("Interactions", "count(*)")], _REASON, COUNT, "interactions", _INBOUND,
                        by="channel_family", stacked=True, height=84,
                    ),
                    _SPOKEN.table(
                        "serv_markets", "Is the same rule applied in every market?", ["market", "channel_family"],
                        ["inbound_interactions", "serviceable_rate", "undecided_share", "direct_share"], width=6,
                        height=84,
                    ),
                ],
            ],
        ),
        Tab(
            "Public and private, asked and found",
            [
                [
                    _CASES.table(
                        "serv_privacy",
                        "What is answered in public, moved to private, closed in public?",
                        ["channel"],
                        ["asked_conversations", "public_conversation_share", "public_answered_conversations",
                         "private_moves", "moved_to_private_share", "closed_in_public_share"], width=7, height=100,
                    ),
                    # Every channel; the few that are only partly covered come last.
                    _SPOKEN.bars(
                        "serv_found", "Did they ask us, or did we find the need?", ["direct_share"], "channel", ".0%",
                        "direct of inbound", most=40, width=5, height=100,
                    ),
                ],
            ],
        ),
        Tab(
            "Social beside traditional",
            [
                [
                    _CASES.table(
                        "serv_both", "Do social customers behave, and fare, otherwise? All channels of each kind",
                        ["channel_family"],
                        ["conversations", "response_rate", "frt_customer_calendar_median_minutes",
                         "frt_customer_calendar_p90_minutes", "final_resolution_median_hours", "resolved_rate",
                         "reopened_rate", "sentiment_improved_share"], _OF_A_CHANNEL, height=26,
                    ),
                ],
                [
                    _CASES.table(
                        "serv_families", "And on each channel?",
                        ["channel_family", "channel"],
                        ["conversations", "response_rate", "frt_customer_calendar_median_minutes",
                         "frt_customer_calendar_p90_minutes", "final_resolution_median_hours", "resolved_rate",
                         "reopened_rate", "sentiment_improved_share"],
                    ),
                ],
                [
                    median_waits(
                        "serv_waits",
                        "Are half answered as soon on social, those who still wait counted? By month, whatever the"
                        " period, brand and channel; N/A: half are not answered yet",
                    ),
                ],
                [
                    _CASES.table(
                        "serv_parties", "Who comes? Customers, prospects, and who the CRM is not known to hold",
                        ["party_kind", "channel_family", "channel"],
                        ["conversations", "response_rate", "resolved_rate", "sentiment_improved_share"],
                    ),
                ],
                [
                    _CASES.lines(
                        "serv_frt_trend", "First reply within the team's hours, median by day",
                        ["frt_team_business_median_minutes"], NUMBER, "minutes", where("frt_team_business_seconds"),
                        by="channel_family",
                    ),
                    _CONTACTS.bars(
                        "serv_moves", "Who comes again on another channel?", ["cross_channel_move_rate"], "channel",
                        ".0%", "of contacts 7 days old", _JUDGED, most=40, height=54,
                    ),
                ],
            ],
        ),
        Tab(
            "Peers and rows",
            [
                [
                    _CONTACTS.table(
                        "serv_peer_markets", "How many contacts did peers answer, and what did that save?", ["market"],
                        ["peer_answered_contacts", "peer_judged_contacts", "peer_deflected_contacts",
                         "peer_deflection_rate", "saved_cost_usd"], height=30,
                    ),
                ],
                [
                    _SAID.rows(
                        "serv_rows", "The interactions themselves, newest first",
                        ["published_at", "market", "channel", "is_serviceable", "serviceable_reason", "contact_type",
                         "issue", "is_direct", "visibility", "text_masked", "interaction_id", "conversation_id"],
                        "published_at", _INBOUND, search=True,
                    ),
                ],
            ],
        ),
    ],
)  # fmt: skip
