"""What one person wrote on many channels, what others wrote to her, and where traces of her remain."""

from typing import Any

from psycopg import sql

from social_crm.privacy.erasure import erase
from social_crm.sources.model import Record
from worlds.star_warehouse import StarWarehouse

AT = "2026-10-26T09:{:02}:00Z"
EMAIL, PHONE, NAME = "Ann.Oakley@mail.example", "+44 20 7946 0958", "Ann Oakley"
IDENTIFIERS = [
    f"email:{EMAIL}", "phone:0044 2079460958", "x:@AnnOak", "mastodon:@annoak@social.example", "reddit:ann_oak_1",
    "reference:REF-ANN",
]  # fmt: skip
# As they appear in records, or as the warehouse spells them.
TRACES = [
    "ann.oakley", "oakley", "annoak", "ann_oak", "t2_annoak", "442079460958", "20 7946 0958", "8800771", "9900881",
    "ref-ann", "secretword",
]  # fmt: skip
# A direct message; only the last of these fields distinguishes it from a public post.
IN_PRIVATE = {"channel": "twitter", "source": {"from": {"username": "AnnOak", "name": NAME}, "rel": "direct_message"}}
_ROWS = "select _record_key, payload from {} order by 1, _extracted_at"


def post(number: int, author: int, handle: str, said: str, answers: int | None = None, **more: Any) -> Record:
    record = {
        "id": str(number), "edit_history_tweet_ids": [str(number)], "conversation_id": "7001", "author_id": str(author),
        "created_at": AT.format(number % 60), "lang": "en", "text": said,
        "entities": {"mentions": [{"username": "AcmeBank"}] if handle != "AcmeBank" else []},
        "public_metrics": {"like_count": 3},
        "author": {
            "id": str(author), "username": handle, "name": NAME if author == 8800771 else "Bo",
            "description": "secretword" if author == 8800771 else "", "public_metrics": {"followers_count": 12},
        },
    }  # fmt: skip
    if answers:
        record["referenced_tweets"] = [{"type": "replied_to", "id": str(answers)}]
    return record | more


def status(number: int, said: str, **more: Any) -> Record:
    account = {
        "id": "9900881",
        "acct": "annoak@social.example",
        "username": "annoak",
        "display_name": NAME,
        "bot": False,
    }
    return {
        "id": f"m{number}", "created_at": AT.format(number), "content": f"<p>{said}</p>", "account": account,
        "mentions": [{"acct": "acmebank"}], "tags": [], "visibility": "public", "language": "en",
        "url": f"https://social.example/@annoak/{number}", **more,
    }  # fmt: skip


def mail(number: int, sender: str, name: str, to: str, said: str, answers: int | None = None) -> Record:
    return {
        "content_key": f"mail{number}", "message_id": f"<{number}@relay.example>",
        "in_reply_to": [f"<{answers}@relay.example>"] if answers else [],
        "references": [f"<{answers}@relay.example>"] if answers else [],
        "from": [{"name": name, "address": sender}], "to": [{"name": "", "address": to}],
        "subject": "secretword", "text": said, "html": None, "mailbox": "INBOX", "is_sent_mailbox": "acme" in sender,
        "sent_at": AT.format(number), "received_at": AT.format(number), "is_cut": False, "attachment_count": 0,
        "content_type": "text/plain", "auto_submitted": None, "size_bytes": 10, "uid": number, "uid_validity": 1,
    }  # fmt: skip


def user(number: int, role: str, name: str, **more: Any) -> Record:
    return {
        "id": number, "role": role, "name": name, "active": True, "verified": True, "created_at": AT.format(0),
        "updated_at": AT.format(0), "default_group_id": 1, **more,
    }  # fmt: skip


def comment(number: int, author: int, said: str) -> Record:
    return {
        "id": number, "ticket_id": 500, "author_id": author, "body": said, "plain_body": said, "public": True,
        "via": IN_PRIVATE, "created_at": AT.format(number % 60),
    }  # fmt: skip


def audit(number: int, author: int, events: list[Record]) -> Record:
    return {
        "id": number, "ticket_id": 500, "author_id": author, "created_at": AT.format(number % 60), "events": events,
        "via": {"channel": "email", "source": {"from": {"address": EMAIL, "name": NAME}}},
        "metadata": {"system": {"location": "secretword"}},
    }  # fmt: skip


def first_day() -> dict[str, list[Record]]:
    """Return the records of a day: hers, and those of others in the same threads."""
    ticket = {
        "id": 500, "subject": "secretword ticket", "description": "secretword", "status": "solved", "requester_id": 71,
        "assignee_id": 10, "group_id": 1, "via": IN_PRIVATE,
        "tags": ["market_sg"], "created_at": AT.format(1), "updated_at": AT.format(30),
    }  # fmt: skip
    call = {
        "Call ID": "c1", "PBX": "pbx-us", "Queue": "cards", "Caller number": PHONE, "Customer ref": "REF-ANN",
        "Agent ID": "a1", "Started at": AT.format(2), "Answered at": AT.format(3), "Ended at": AT.format(9),
        "Disposition": "answered", "Resolved": "yes", "CSAT": "4", "Summary": "secretword call",
        "_file": "calls_2026-10-26_us.csv", "_line": 1,
    }  # fmt: skip
    customer = {
        "id": "C-7", "first_name": "Ann", "last_name": "Oakley", "email": EMAIL, "phone": PHONE, "x_handle": "@AnnOak",
        "external_ref": "REF-ANN", "market": "sg", "segment": "retail", "tier": "gold", "status": "active",
        "created_at": AT.format(0), "updated_at": AT.format(0), "birthday": "secretword",
    }  # fmt: skip
    bo = customer | {
        "id": "C-8", "email": "bo@mail.example", "phone": "+15550001111", "x_handle": "bo", "external_ref": "REF-BO",
        "first_name": "Bo", "last_name": "Lee", "birthday": "",
    }  # fmt: skip
    reply = {
        "name": "t1_1", "link_id": "t3_1", "parent_id": "t3_1", "subreddit": "acme", "author": "ann_oak_1",
        "author_fullname": "t2_annoak", "body": "secretword reply", "score": 1, "created_utc": 1_793_005_200,
        "permalink": "/r/acme/secretword", "edited": False,
    }  # fmt: skip
    other = reply | {
        "name": "t1_2",
        "parent_id": "t1_1",
        "author": "bo",
        "author_fullname": "t2_bo",
        "body": "me too",
        "permalink": "/r/acme/2",
    }
    return {
        "crm.customers": [customer, bo],
        "x.posts": [
            post(7001, 8800771, "AnnOak", "@AcmeBank my card secretword"),
            post(7002, 8800772, "bo", "@AcmeBank mine too", 7001),
            post(
                7003, 1, "AcmeBank", "@AnnOak @bo sorry, please send us a message ^JM", 7001,
                in_reply_to_user_id="8800771",
                entities={"mentions": [{"username": "AnnOak", "id": "8800771"}, {"username": "bo", "id": "8800772"}]},
            ),
            post(7004, 8800771, "AnnOak", "@AcmeBank secretword thanks", 7003),
            post(7004, 8800771, "AnnOak", "@AcmeBank secretword edited", 7003, created_at=AT.format(50)),
        ],
        "mastodon.statuses": [
            status(5, "secretword toot"),
            status(
                6, 'hello <a href="https://social.example/@annoak">@<span>annoak</span></a>',
                account={"id": "4", "acct": "acmebank", "username": "acmebank", "bot": False}, in_reply_to_id="m5",
                in_reply_to_account_id="9900881", url="https://our.example/@acmebank/6",
                mentions=[{"id": "9900881", "acct": "annoak@social.example", "username": "annoak"}],
            ),
        ],
        "reddit.comments": [reply, other],
        "mail.messages": [
            mail(11, EMAIL, NAME, "help@acmebank.example", "secretword mail"),
            mail(12, "help@acmebank.example", "Acme", EMAIL, "Dear Ms Oakley, secretword", 11),
        ],
        "phone.calls": [call],
        "phone.transcripts": [
            {"call_id": "c1", "pbx": "pbx-us", "turn": "1", "speaker": "customer", "text": "secretword spoken",
             "said_at": AT.format(4), "_file": "t_2026-10-26.csv", "_line": 1},
        ],
        "zendesk.users": [
            user(10, "agent", "Agent Ten"), user(71, "end-user", NAME, email=EMAIL, phone=PHONE, external_id="REF-ANN"),
        ],
        "zendesk.tickets": [ticket],
        "zendesk.comments": [
            comment(601, 71, "secretword ticket"), comment(612, 10, f"Dear Ann Oakley, we call {PHONE}"),
        ],
        "zendesk.audits": [
            audit(700, 71, [{"type": "Create", "field_name": "subject", "value": "secretword"},
                            {"type": "Create", "field_name": "status", "value": "new"}]),
            audit(713, 10, [{"type": "Change", "field_name": "status", "previous_value": "new", "value": "solved"},
                            {"type": "Notification", "body": "Dear Ann Oakley"}]),
        ],
        "forms.messages": [
            {"id": "f1", "channel": "chat", "sender": "customer", "conversation_id": "k1", "author_name": NAME,
             "author_email": EMAIL, "text": "secretword form", "created_at": AT.format(20)},
            {"id": "f2", "channel": "chat", "sender": "agent", "conversation_id": "k1", "agent_id": "a9",
             "text": "hello Ms Oakley", "created_at": AT.format(21)},
        ],
        "stores.visits": [
            {"store": "s1", "visit_id": "v1", "visited_at": AT.format(22), "time_zone": "Europe/London",
             "reason": "account", "note": "secretword note", "customer_ref": "REF-ANN", "agent_id": "a2",
             "_file": "visits_2026-10-26.csv", "_line": 1},
        ],
    }  # fmt: skip


def land(star: StarWarehouse, day: int = 0) -> None:
    """Land the first day, or the same on another one."""
    for table, records in first_day().items():
        star.land(table, records, day)


def traces(star: StarWarehouse) -> set[str]:
    """Return the tables of any schema that contain a trace of her."""
    tables = star.admin.execute(
        "select schemaname, tablename from pg_tables where schemaname !~ '^(pg_|information_schema)' order by 1, 2"
    ).fetchall()
    found = set()
    for schema, table in tables:
        query = sql.SQL("select count(*) from {} as t where lower(t::text) ~ %s").format(sql.Identifier(schema, table))
        if star.admin.execute(query, ["|".join(TRACES)]).fetchone()[0]:
            found.add(f"{schema}.{table}")
    return found


def arrive(star: StarWarehouse) -> None:
    """Publish what the person and others wrote, and people's decisions about some of it."""
    land(star)
    star.transform()
    star.admin.execute(
        "insert into ops.identity_decisions (source, author_native_id, customer_id, verdict, reason, decided_by)"
        " values ('x', '8800771', 'C-8', 'blocked', '', 'test'), ('x', '8800772', 'C-8', 'confirmed', '', 'test')"
    )


def request(*identifiers: str, reason: str = "request 17", repeats: int | None = None) -> dict[str, int]:
    erased = erase(identifiers or IDENTIFIERS, by="dpo", reason=reason, repeats=repeats)
    return {f"{one.source}.{one.resource}": one.row_count for one in erased}


def raw(star: StarWarehouse) -> dict[str, list[tuple]]:
    return {table: star.admin.execute(_ROWS.format(f"raw_{table}")).fetchall() for table in first_day()}


def changed(star: StarWarehouse, hidden: str) -> set[str]:
    """Return the tables whose rows changed, apart from what is hidden."""
    query = (
        "select count(*) from (select to_jsonb(t) {2} from {0} as t except all select to_jsonb(t) {2} from {1} as t)"
    )
    return {
        table
        for table in star.differences("before", "marts")
        for one, other in (("before", "marts"), ("marts", "before"))
        if star.one(f"{query} as t".format(f"{one}.{table}", f"{other}.{table}", hidden))
    }
