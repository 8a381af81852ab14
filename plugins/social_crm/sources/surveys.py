"""Answers to surveys: one row per question that a customer answered, from any survey tool's export.

Quirks: one response may answer several questions, so its id alone is no key; the scale stands in every row, for a tool
that changes it from five stars to ten would else change every average unseen, and in two columns, for spreadsheets take
`1-5` for a day in May. What the survey was about is the other source's own id, so that a score finds its case.
"""

from datetime import timedelta

from social_crm.sources.dropped import extraction
from social_crm.sources.dropped.contract import FileContract, column, joined
from social_crm.sources.model import Source
from social_crm.sources.people import People

CONTRACT = FileContract(
    required=(
        "response_id", "metric", "score", "scale_min", "scale_max", "comment", "answered_at",
        "about_source", "about_id", "customer_ref",
    ),
    ids=("response_id", "about_id", "customer_ref"),
    moments=("answered_at",),
)  # fmt: skip

SURVEYS = Source(
    name="surveys",
    title="Surveys",
    description=(
        "Answers to surveys, dropped as CSV files with the day in their names into the folder of connection"
        " `surveys_api` (any fsspec URL). Columns: `response_id`, `metric` (`csat` or `nps`), `score`, `scale_min` and"
        " `scale_max` (1 and 5, 0 and 10), `comment`, `answered_at` with its offset, `about_source` and `about_id`"
        " (source and id of the conversation, ticket or call it was about; both empty for a survey of the whole"
        " relation), `customer_ref`; where there are such: `account` (the survey, as in seed `source_accounts`),"
        " `market`, `brand`. Option `settle_seconds`: how long a file must rest before it is read; a marker"
        " `<file>.done` beside it says so at once."
    ),
    resources=(
        extraction.resource(
            "answers",
            CONTRACT,
            key=joined("response_id", "metric"),
            event_at=column("answered_at"),
            description="One answered question of a survey: its score, and the customer's comment on it.",
            deletions="never: an answer that is withdrawn is no longer in later files, and stays here",
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
    limits=extraction.LIMITS,
    retention="As those who answered were promised.",
    tested_against={"real server": "S3's protocol (moto)"},
    settle=timedelta(hours=6),  # tools export a day's answers in the night after it
)
