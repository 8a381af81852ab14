"""Visits to the company's own stores and branches, as noted by staff: one row per visitor's matter.

Quirks: stores write their local time and name their zone, so the hour repeated at the end of daylight saving time is
ambiguous (the first is taken). A visit's number is unique only within its store.
"""

from datetime import timedelta

from social_crm.sources.dropped import extraction
from social_crm.sources.dropped.contract import FileContract, joined, local_moment
from social_crm.sources.model import Source
from social_crm.sources.people import People

CONTRACT = FileContract(
    required={
        "store": "the store, an account of seed `source_accounts`; never empty",
        "visit_id": "the visit's id in its store; never empty",
        "visited_at": "when, in local time as 2026-10-05T09:00:00, or with an offset",
        "time_zone": "the IANA name of the store's zone, as Europe/Berlin",
        "reason": "what the visitor came for",
        "note": "what staff noted",
        "customer_ref": "the customer's reference; empty if unknown",
    },
    ids=("visit_id", "customer_ref"),
    optional={
        "agent_id": "the id of who served the visitor",
        "market": "a code of seed `markets`; empty: the store's",
        "brand": "a code of seed `brands`; empty: the store's",
    },
)

STORES = Source(
    name="stores",
    title="Store visits",
    description=(
        "Visits to stores and branches, dropped as CSV files with the day in their names into the folder of connection"
        " `stores_api` (any fsspec URL)."
    ),
    resources=(
        extraction.resource(
            "visits",
            CONTRACT,
            key=joined("store", "visit_id"),
            event_at=local_moment("visited_at", "time_zone"),
            description="One visit to a store, with what the visitor came for.",
            deletions="never: a visit that happened stays in the log",
            people=People(
                persons=({"customer_ref": "reference"},),
                keeps="store visit_id visited_at time_zone reason agent_id market brand",
            ),
        ),
    ),
    check=extraction.check_of(CONTRACT),
    connection={"conn_type": "generic", "host": "s3://acme-drops/stores"},
    options=extraction.OPTIONS,
    access=extraction.ACCESS,
    limits=extraction.LIMITS,
    retention="The same as your own records of customers.",
    tested_against={"real server": "S3's protocol (moto)"},
    settle=timedelta(hours=12),  # the last stores close, in the west of the Americas, hours after the day in UTC
)
