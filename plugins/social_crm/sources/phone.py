"""The phone system's call log: one CSV file per PBX and day, `calls_<YYYY-MM-DD>_<pbx>.csv`.

Quirks: times carry the PBX's own offset, so the two hours at the end of summer time stay apart; a call id is unique on
its PBX only; an abandoned call has no `answered_at`; the day in the name is the PBX's local day.
"""

from collections.abc import Iterator
from datetime import timedelta

from social_crm.sources.dropped import extraction
from social_crm.sources.dropped.contract import FileContract, column, value_of
from social_crm.sources.model import Page, Record, Request, Resource, Source

CONTRACT = FileContract(
    required=(
        "call_id", "pbx", "queue", "brand", "market", "caller_number", "customer_ref", "agent_id", "agent_name",
        "started_at", "answered_at", "ended_at", "disposition", "resolved", "csat", "summary",
    ),
    ids=("call_id", "caller_number", "customer_ref", "agent_id"),
    footer="total",
)  # fmt: skip


def _calls(request: Request) -> Iterator[Page]:
    return extraction.read_files(request, CONTRACT)


def _key(record: Record) -> str | None:
    """`<pbx>/<call_id>`."""
    pbx, call_id = (str(value_of(record, name) or "").strip() for name in ("pbx", "call_id"))
    return f"{pbx}/{call_id}" if pbx and call_id else None


PHONE = Source(
    name="phone",
    title="Phone",
    description=(
        "Calls from the phone system's log, dropped as CSV files `calls_<YYYY-MM-DD>_<pbx>.csv` into the folder of"
        " connection `phone_api` (any fsspec URL). Option `settle_seconds`: how long a file must rest before it is"
        " read; a marker `<file>.done` beside it says so at once. A closing row `TOTAL,<calls>` is checked."
    ),
    resources=(
        Resource(
            name="calls",
            extract=_calls,
            key=_key,
            event_at=column("started_at"),
            version_at=extraction.version_at,
            description="One call, as the PBX logged it.",
            order=extraction.ORDER,
            window=extraction.WINDOW,
            deletions="never: a call that happened stays in the log",
            is_utterance=True,
        ),
    ),
    check=extraction.check,
    connection={"conn_type": "generic", "host": "s3://acme-drops/phone"},
    limits=extraction.LIMITS,
    retention="As your telephone contract and the law on call data say.",
    met={"real server": "S3's protocol (moto)"},
    settle=timedelta(hours=6),  # exchanges drop a day's log in the night after it
)
