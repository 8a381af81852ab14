"""Answers to surveys: one row per question that a customer answered, from any survey tool's export.

Quirks: one response may answer several questions, so its id alone is no key. The scale is in every row, because a
change from five stars to ten would otherwise silently change every average, and in two columns, because
spreadsheets read `1-5` as a day in May. The subject of the survey is the other source's own id, so that a score finds
its case.
"""

from datetime import timedelta

from social_crm.sources.dropped import extraction
from social_crm.sources.dropped.contract import FileContract, column, joined
from social_crm.sources.model import Source
from social_crm.sources.people import People

CONTRACT = FileContract(
    required={
        "response_id": "the response's id; never empty",
        "metric": "`csat` or `nps`: one row for each question answered",
        "score": "a whole number from `scale_min` to `scale_max`; empty if there is only a comment",
        "scale_min": "the lowest score there is: 1 of csat, 0 of nps",
        "scale_max": "the highest score there is: 5 of csat, 10 of nps",
        "comment": "what the customer wrote",
        "answered_at": "when, with its offset, as 2026-10-05T09:00:00+02:00",
        "about_source": "the source of what it was about, as `phone` or `zendesk`; empty if about the whole relation",
        "about_id": "the id of that conversation, ticket or call there; empty likewise",
        "customer_ref": "the customer's reference; empty if unknown",
    },
    ids=("response_id", "about_id", "customer_ref"),
    moments=("answered_at",),
    optional={
        "account": "the survey, an account of seed `source_accounts`",
        "market": "a code of seed `markets`; empty: the account's",
        "brand": "a code of seed `brands`; empty: the account's",
    },
)

SURVEYS = Source(
    name="surveys",
    title="Surveys",
    description=(
        "Answers to surveys, dropped as CSV files with the day in their names into the folder of connection"
        " `surveys_api` (any fsspec URL)."
    ),
    resources=(
        extraction.resource(
            "answers",
            CONTRACT,
            key=joined("response_id", "metric"),
            event_at=column("answered_at"),
            description="One answered question of a survey, with its score and the customer's comment.",
            deletions="never: a withdrawn answer is missing from later files but stays here",
            people=People(
                persons=({"customer_ref": "reference"},),
                keeps=(
                    "response_id metric score scale_min scale_max answered_at about_source about_id account market"
                    " brand"
                ),
            ),
        ),
    ),
    check=extraction.check_of(CONTRACT),
    connection={"conn_type": "generic", "host": "s3://acme-drops/surveys"},
    options=extraction.OPTIONS,
    access=extraction.ACCESS,
    limits=extraction.LIMITS,
    retention="As the people who answered were promised.",
    tested_against={"real server": "S3's protocol (moto)"},
    settle=timedelta(hours=6),  # tools export a day's answers in the night after it
)
