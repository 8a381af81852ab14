"""The story's conversations as the replay of service levels takes them, and what is to be found in them."""

import csv
from collections import Counter, defaultdict
from datetime import datetime
from itertools import chain

from oracle.files import newest_rows
from oracle.forms import exchanges
from oracle.help_desk import DONE, kind_at, read_before
from oracle.reading import READS, read
from oracle.reviews import CHANNELS, newest_reviews
from oracle.service_levels import Rules, events_of
from oracle.x import addressee_of, seen_posts, x_market, x_threads

AS_OF = datetime.fromisoformat(READS[-1][0])
# The others depend on who is whose customer, and on what is a mere courtesy; those are questions of their own.
ANSWERED = ("periodic_update", "pausable_update", "requester_wait", "agent_work")


def no_tier(_at):
    """Return no tier, as for everybody who is linked to no customer."""


def service_level_events(data, seeds, tier_of=None, courtesies=frozenset()):
    """Return {(conversation, metric, run, application, policy): event} of all that is answered."""
    rules, found = Rules(seeds), {}
    with (seeds / "channel_codes.csv").open(newline="", encoding="utf-8") as stream:
        channels = {row["source_channel"]: row["channel_code"] for row in csv.DictReader(stream)}
    written = (part(data, courtesies) for part in (_threads, _reviews, _forms))
    for conversation in chain(_tickets(data, channels, courtesies), _calls(data), *written):
        conversation["family"] = rules.families[conversation["channel"]]
        conversation["tier_at"] = (tier_of or {}).get(conversation["id"], no_tier)
        found |= events_of(conversation, rules, AS_OF)
    return found


def service_level_answers(data, seeds):
    """Count the outcomes of what depends on nobody's identity and on no text, by metric and market."""
    found, counts = service_level_events(data, seeds), defaultdict(Counter)
    for (identifier, metric, *_), event in found.items():
        is_call = identifier.startswith("phone:")
        if metric in ANSWERED or is_call:
            name = f"{'calls answered' if is_call else metric} {event['market']}"
            counts[name][event["reason"] or event["outcome"]] += 1
    return {name: dict(sorted(outcomes.items())) for name, outcomes in sorted(counts.items())}


def _moment(stamp):
    return datetime.fromisoformat(stamp)


def _tickets(data, channels, courtesies):
    users = defaultdict(list)
    for user in read(data / "zendesk_users.jsonl"):
        users[user["id"]].append(user)
    for ticket in read(data / "zendesk_tickets.jsonl"):
        opened = ticket["audits"][0]["at"]
        stamps = [(audit["at"], event) for audit in ticket["audits"] for event in audit["events"]]
        deleted_at = next((at for at, event in stamps if event.get("value") == "deleted"), None)
        # A deleted ticket counts for nobody, however much of it was read.
        if deleted_at is None and read_before(None, opened) is not None:
            yield _ticket(ticket, stamps, users, channels, courtesies)


def _ticket(ticket, stamps, users, channels, courtesies):
    steps = [(_moment(at), event) for at, event in stamps if "field_name" in event]
    merges = [(at, event) for at, event in steps if _is_merge(event)]
    merged_at = merges[0][0] if merges else None
    own = [(at, event) for at, event in steps if not merged_at or at < merged_at]
    statuses = [(at, _status(event)) for at, event in own if event["field_name"] == "status"]
    tags = next(event["value"] for _, event in reversed(steps) if event["field_name"] == "tags")
    return {
        "id": f"zendesk:{ticket['id']}", "channel": channels[ticket["channel"]],
        "market": next(tag for tag in tags if tag.startswith("market_"))[7:],
        "opened": _moment(ticket["audits"][0]["at"]), "deleted": False,
        "moments": [
            *_comments(stamps, users, courtesies),
            *((at, 1, str(event["id"]), "merge", None, None) for at, event in merges),
            *((at, 6, str(event["id"]), "closure", None, None) for at, event in steps if _status(event) in DONE),
        ],
        "statuses": statuses + ([(merged_at, None)] if merged_at else []),
        "priorities": [
            (at, event.get("previous_value"), event["value"]) for at, event in own if event["field_name"] == "priority"
        ],
    }  # fmt: skip


def _is_merge(event):
    return (
        event["field_name"] == "tags"
        and "closed_by_merge" in event["value"]
        and "closed_by_merge" not in (event.get("previous_value") or [])
    )


def _status(event):
    if event["field_name"] != "status":
        return None
    return {"hold": "on_hold"}.get(event["value"], event["value"])


def _comments(stamps, users, courtesies):
    for at, event in stamps:
        if event["type"] not in ("Comment", "VoiceComment") or not event["public"]:
            continue
        kind, identifier = kind_at(users, event["author_id"], at), f"zendesk:{event['id']}"
        if kind == "agent":
            yield _moment(at), 2, identifier, "reply", str(event["author_id"]), None
        elif kind == "customer":
            asked = "courtesy" if identifier in courtesies else "question"
            yield _moment(at), 3, identifier, asked, None, _moment(at)


def _calls(data):
    for key, call in newest_rows(data / "phone", "pbx", "call_id")[0].items():
        started = _moment(call["started_at"])
        moments = [(started, 3, key, "question", None, started)]
        if call["answered_at"]:
            moments.append((_moment(call["answered_at"]), 4, key, "reply", call["agent_id"], None))
        moments.append((_moment(call["ended_at"]), 5, key, "abandonment", None, None))
        yield {
            "id": f"phone:{key}", "channel": "phone", "market": call["market"], "opened": started, "deleted": False,
            "moments": moments, "statuses": [], "priorities": [],
        }  # fmt: skip


def _threads(data, courtesies):
    handles = {user["id"]: user["username"].lower() for user in read(data / "x_users.jsonl") if user.get("ours")}
    posts, first_ids = seen_posts(data)
    threads = defaultdict(list)
    for identifier, root in x_threads(posts, first_ids, handles).items():
        threads[root].append(posts[identifier])
    for root, members in threads.items():
        opener, moments = posts[root], []
        for post in members:
            at, identifier = _moment(post["at"]), f"x:{post['id']}"
            if post["by"] in handles:
                if addressee_of(post, posts, first_ids, handles) in (None, opener["by"]):
                    moments.append((at, 2, identifier, "reply", None, None))
            elif post["by"] == opener["by"]:
                asked = "courtesy" if identifier in courtesies else "question"
                moments.append((at, 3, identifier, asked, None, at))
        yield {
            "id": f"x:{root}", "channel": "x_post", "market": x_market(opener, handles), "deleted": False,
            "opened": min(_moment(post["at"]) for post in members), "moments": moments, "statuses": [],
            "priorities": [],
        }  # fmt: skip


def _reviews(data, courtesies):
    for key, row in newest_reviews(data)[0].items():
        identifier, at = f"reviews:{key}", _moment(row["reviewed_at"])
        moments = [(at, 3, identifier, "courtesy" if identifier in courtesies else "question", None, at)]
        if row["reply"]:
            moments.append((_moment(row["replied_at"]), 2, f"{identifier}/reply", "reply", None, None))
        yield {
            "id": identifier, "channel": CHANNELS[row["channel"]], "market": row["market"], "deleted": False,
            "opened": min(moment[0] for moment in moments), "moments": moments, "statuses": [], "priorities": [],
        }  # fmt: skip


def _forms(data, courtesies):
    for key, messages in exchanges(data).items():
        moments = []
        for row in messages:
            at, identifier = _moment(row["created_at"]), f"forms:{row['id']}"
            if row["sender"] == "agent":
                moments.append((at, 2, identifier, "reply", row["agent_id"], None))
            elif row["sender"] == "customer":
                asked = "courtesy" if identifier in courtesies else "question"
                moments.append((at, 3, identifier, asked, None, at))
        yield {
            "id": key, "channel": messages[0]["channel"], "market": messages[0]["market"], "deleted": False,
            "opened": _moment(messages[0]["created_at"]), "moments": moments, "statuses": [], "priorities": [],
        }  # fmt: skip
