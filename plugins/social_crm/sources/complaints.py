"""Public complaints about the company, in the layout of the US Consumer Financial Protection Bureau.

Quirks: the bureau has changed its headers twice, and its dates with them (7/29/2013, 27-04-2023, 2023-08-25); staging
maps the column names, not this module. The layout of 2013 has no complaint id, so equal rows of a file are
numbered. JSON comes as the search API's answer or as a plain list of its records.
"""

import hashlib
import re
from collections import Counter
from datetime import timedelta

from social_crm.sources.dropped import extraction
from social_crm.sources.dropped.contract import FileContract, text_of
from social_crm.sources.model import Record, Rejected, Source
from social_crm.sources.people import People

CONTRACT = FileContract(
    required={
        "date_received": "a day as 2026-10-05, 10/05/2026 (month first) or 05-10-2026 (day first)",
        "product": "the bureau's name of the product",
        "issue": "the bureau's name of the issue",
        "company": "the company as the bureau names it, an account of seed `source_accounts`",
        "submitted_via": "`phone`, `web`, `referral`, `web referral`, `postal mail`, `fax` or `email`",
    },
    ids=("complaint_id",),
    takes_json=True,
    optional={
        "complaint_id": "a whole number of up to 12 digits; without it a row is known by its cells",
        "sub_product": "a finer name of the product",
        "sub_issue": "a finer name of the issue",
        "state": "the consumer's state, two letters",
        "consumer_complaint_narrative": "what the consumer wrote",
        "complaint_what_happened": "the same, as the bureau's API calls it",
        "company_response_to_consumer": "how the company answered",
        "company_response": "the same, as the bureau's API calls it",
        "timely_response": "`Yes` or `No`: whether it answered in time",
        "timely": "the same, as the bureau's API calls it",
        "consumer_disputed": "`Yes` or `No`: whether the consumer disputed the answer",
        "date_sent_to_company": "a day, as `date_received`",
    },
)
_MONTH_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_DAY_FIRST = re.compile(r"(\d{1,2})-(\d{1,2})-(\d{4})")


def _with_row_keys(rows: extraction.Rows) -> extraction.Rows:
    """Give each row without a complaint id a key of its cells and the number of equal rows before it in its file."""
    seen: Counter[bytes] = Counter()
    for row in rows:
        if not isinstance(row, Rejected) and not text_of(row, "complaint_id"):
            cells = "\x1f".join(str(value) for name, value in row.items() if not name.startswith("_"))
            digest = hashlib.sha256(cells.encode("utf-8", "surrogatepass"))
            seen[digest.digest()] += 1
            row["_row_key"] = f"row:{digest.hexdigest()}:{seen[digest.digest()]}"
        yield row


def _key(record: Record) -> str | None:
    """`complaint_id`, else a hash of the row and the number of equal rows before it."""
    return text_of(record, "complaint_id") or record.get("_row_key")


def _event_at(record: Record) -> str | None:
    """Return `date_received` as ISO 8601: with slashes the bureau writes the month first, with dashes the day."""
    received = text_of(record, "date_received")
    if match := _MONTH_FIRST.fullmatch(received):
        month, day, year = match.groups()
    elif match := _DAY_FIRST.fullmatch(received):
        day, month, year = match.groups()
    else:
        return received or None
    return f"{year}-{month:0>2}-{day:0>2}"


COMPLAINTS = Source(
    name="complaints",
    title="Public complaints",
    description=(
        "Complaints published by the regulator, dropped as CSV or JSON files into the folder of connection"
        " `complaints_api` (any fsspec URL). All three generations of headers and the API's JSON are read."
    ),
    resources=(
        extraction.resource(
            "complaints",
            CONTRACT,
            key=_key,
            event_at=_event_at,
            description="One complaint, as a file gave it; a later file may give a newer state.",
            deletions="never: a withdrawn complaint is missing from later files but stays here",
            complete=_with_row_keys,
            people=People(
                persons=({"complaint_id": "complaints"},),
                keeps=(
                    "complaint_id company product sub_product issue sub_issue state submitted_via company_response"
                    " company_response_to_consumer timely timely_response consumer_disputed date_received"
                    " date_sent_to_company _row_key"
                ),
            ),
        ),
    ),
    check=extraction.check_of(CONTRACT),
    connection={"conn_type": "generic", "host": "/srv/drops/complaints"},
    options=extraction.OPTIONS,
    access=extraction.ACCESS,
    limits=extraction.LIMITS,
    retention="Public domain: no limit.",
    tested_against={"recordings": "15,525 complaints of the bureau, in its three layouts"},
    settle=timedelta(hours=6),  # the day's file is dropped in the night after it
)
