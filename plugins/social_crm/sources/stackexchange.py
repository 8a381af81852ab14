"""Questions and answers of Stack Exchange's sites, and of forums that dump in its format: `Posts.xml`.

Quirks: ids are unique within their site, whose name is in the file's name. Times are UTC without a marker. The question
says which answer was accepted. A dump also contains wikis and elections, which are no messages to anybody.
"""

import re
from datetime import timedelta

from social_crm.sources.dropped import extraction
from social_crm.sources.dropped.contract import FileContract, column
from social_crm.sources.model import Record, Rejected, Source
from social_crm.sources.people import People

CONTRACT = FileContract(
    required={
        "id": "attribute `Id`, unique on its site; never empty",
        "posttypeid": "attribute `PostTypeId`: `1` for a question, `2` for an answer; rows of other types are left out",
        "creationdate": "attribute `CreationDate` in UTC, as 2026-10-05T09:00:00.000",
        "body": "attribute `Body`, HTML",
    },
    optional={
        "parentid": "attribute `ParentId` of an answer: the `Id` of its question",
        "acceptedanswerid": "attribute `AcceptedAnswerId` of a question",
        "owneruserid": "attribute `OwnerUserId`: who wrote it",
        "ownerdisplayname": "attribute `OwnerDisplayName`",
        "title": "attribute `Title` of a question",
        "score": "attribute `Score`: votes for it less votes against it",
        "viewcount": "attribute `ViewCount` of a question",
        "lasteditdate": "attribute `LastEditDate` in UTC",
    },
    ids=("id",),
    takes_xml=True,
)
QUESTION, ANSWER = "1", "2"
_SITE = re.compile(r"posts_([a-z0-9-]+(?:\.[a-z0-9-]+)+?)(?=_|\.xml)", re.I)


def of_their_site(rows: extraction.Rows) -> extraction.Rows:
    """Yield the questions and answers, each with the site from its file's name."""
    for row in rows:
        if isinstance(row, Rejected):
            yield row
        elif row.get("PostTypeId") in (QUESTION, ANSWER):
            site = _SITE.match(row["_file"])
            yield row | {"_site": site[1].lower() if site else None}


def _key(record: Record) -> str | None:
    """`<site>/<Id>`; the site is in the file's name."""
    site, post_id = record.get("_site"), record.get("Id")
    return f"{site}/{post_id}" if site and post_id else None


STACKEXCHANGE = Source(
    name="stackexchange",
    title="Questions and answers",
    description=(
        "Dumps of Stack Exchange sites, or of forums in the same format, dropped as XML files"
        " `posts_<site>_<YYYY-MM-DD>.xml` (the dump's `Posts.xml`, named by site and day; `.gz` as well) into the"
        " folder of connection `stackexchange_api` (any fsspec URL). Seed `source_accounts` lists the sites, and"
        " employees' accounts as `<site>/<user id>`."
    ),
    resources=(
        extraction.resource(
            "posts",
            CONTRACT,
            key=_key,
            event_at=column("creationdate"),
            description="One question or answer, as one day's dump gave it.",
            deletions="never: a deleted post is missing from later dumps but stays here",
            complete=of_their_site,
            people=People(
                persons=({"_site/OwnerUserId": "stackexchange"},),
                keeps="Id _site PostTypeId ParentId AcceptedAnswerId Score ViewCount CreationDate LastEditDate",
            ),
        ),
    ),
    check=extraction.check_of(CONTRACT),
    connection={"conn_type": "generic", "host": "s3://acme-drops/stackexchange"},
    options=extraction.OPTIONS,
    access=extraction.ACCESS,
    limits=extraction.LIMITS,
    retention="By CC BY-SA, with the author's name and a link; what authors delete should be deleted here too.",
    tested_against={"recordings": "592 posts of a site's dump"},
    settle=timedelta(hours=6),  # a day's dump is dropped in the night after it
)
