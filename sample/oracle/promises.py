"""The story's conversations as input of the service level replay, and the expected results."""

import csv
from collections import Counter, defaultdict
from datetime import datetime
from itertools import chain, pairwise
from types import MappingProxyType

from oracle.desks import CASES
from oracle.files import newest_rows
from oracle.forms import exchanges
from oracle.help_desk import DONE, kind_at, read_before, versions_of_users
from oracle.reading import READS, read
from oracle.reviews import newest_reviews
from oracle.service_levels import Rules, events_of
from oracle.social import NETWORKS, network_exchanges
from oracle.threads import between_opener_and_us, threads_of
from oracle.x import seen_posts, x_market, x_parents

AS_OF = datetime.fromisoformat(READS[-1][0])
# The other metrics depend on identities and on courtesies, which are tested separately.
ANSWERED = ("periodic_update", "pausable_update", "requester_wait", "agent_work")


def no_tier(_at):
    """Return no tier, as for everybody who is not linked to a customer."""


def service_level_events(
    data, seeds, tier_of=None, courtesies=frozenset(), asking_nothing=frozenset(), removed_at=MappingProxyType({})
):
    """Return {(conversation, metric, run, application, policy): event} for all conversations."""
    rules, found = Rules(seeds), {}
    with (seeds / "channel_codes.csv").open(newline="", encoding="utf-8") as stream:
        channels = {(row["source"], row["source_channel"]): row["channel_code"] for row in csv.DictReader(stream)}
    parts = (_tickets, _calls, _threads, _reviews, _forms, _networks, _desks)
    for conversation in chain.from_iterable(part(data, courtesies) for part in parts):
        conversation["channel"] = channels[conversation["channel"]]
        conversation["family"] = rules.families[conversation["channel"]]
        conversation["asks"] = conversation["id"] not in asking_nothing
        conversation["moments"] += _hang_up(conversation, removed_at)
        conversation["tier_at"] = (tier_of or {}).get(conversation["id"], no_tier)
        found |= events_of(conversation, rules, AS_OF)
    return found


def service_level_answers(data, seeds):
    """Count the outcomes that depend neither on identities nor on texts, by metric and market."""
    found, counts = service_level_events(data, seeds), defaultdict(Counter)
    for (identifier, metric, *_), event in found.items():
        is_call = identifier.startswith("phone:")
        if metric in ANSWERED or is_call:
            name = f"{'calls answered' if is_call else metric} {event['market']}"
            counts[name][event["reason"] or event["outcome"]] += 1
    return {name: dict(sorted(outcomes.items())) for name, outcomes in sorted(counts.items())}


def _moment(stamp):
    return datetime.fromisoformat(stamp)


def _tickets(data, courtesies):
    users = versions_of_users(data)
    for ticket in read(data / "zendesk_tickets.jsonl"):
        opened = ticket["audits"][0]["at"]
        stamps = [(audit["at"], event) for audit in ticket["audits"] for event in audit["events"]]
        deleted_at = next((at for at, event in stamps if event.get("value") == "deleted"), None)
        # A deleted ticket is not judged, however much of it was read.
        if deleted_at is None and read_before(None, opened) is not None:
            yield _ticket(ticket, stamps, users, courtesies)


def _ticket(ticket, stamps, users, courtesies):
    steps = [(_moment(at), event) for at, event in stamps if "field_name" in event]
    merges = [(at, event) for at, event in steps if _is_merge(event)]
    merged_at = merges[0][0] if merges else None
    own = [(at, event) for at, event in steps if not merged_at or at < merged_at]
    statuses = [(at, _status(event)) for at, event in own if event["field_name"] == "status"]
    tags = next(event["value"] for _, event in reversed(steps) if event["field_name"] == "tags")
    return {
        "id": f"zendesk:{ticket['id']}", "channel": ("zendesk", ticket["channel"]),
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


def _calls(data, _courtesies):
    for key, call in newest_rows(data / "phone", "pbx", "call_id")[0].items():
        started = _moment(call["started_at"])
        moments = [(started, 3, key, "question", None, started)]
        if call["answered_at"]:
            moments.append((_moment(call["answered_at"]), 4, key, "reply", call["agent_id"], None))
        moments.append((_moment(call["ended_at"]), 5, key, "abandonment", None, None))
        yield _conversation(f"phone:{key}", ("phone", "call"), call["market"], moments)


def _threads(data, courtesies):
    handles = {user["id"]: user["username"].lower() for user in read(data / "x_users.jsonl") if user.get("ours")}
    posts, first_ids = seen_posts(data)
    parents = x_parents(posts, first_ids)
    for root, members in threads_of(posts, parents, handles).items():
        said = between_opener_and_us(root, members, posts, parents, handles)
        moments = [
            _said(post["at"], f"x:{post['id']}", post["by"] in handles, courtesies) for post in map(posts.get, said)
        ]
        opened = min(_moment(posts[member]["at"]) for member in members)
        yield _conversation(f"x:{root}", ("x", "post"), x_market(posts[root], handles), moments, opened)


def _networks(data, courtesies):
    for source in NETWORKS:
        for key, channel, market, lines, account in network_exchanges(data, source):
            moments = [_said(line["at"], f"{source}:{line['id']}", line["by"] == account, courtesies) for line in lines]
            yield _conversation(f"{source}:{key}", (source, channel), market, moments)


def _desks(data, courtesies):
    for source, cases in CASES.items():
        # A deleted case is not judged.
        for case in (case for case in cases(data) if case.get("gone") != "deleted"):
            statuses = [(_moment(at), status) for at, status, _ in case["states"]]
            changes = statuses[:1] + [new for old, new in pairwise(statuses) if new[1] != old[1]]
            said = [(at, f"{source}:{number}", speaker, by) for at, number, speaker, by in case["said"]]
            moments = [
                _said(at, number, speaker == "agent", courtesies, by)
                for at, number, speaker, by in said
                if speaker in ("agent", "customer")
            ]
            moments += [(at, 6, f"{source}:{at}", "closure", None, None) for at, status in changes if status in DONE]
            moments += [(at, 1, f"{source}:{at}", "merge", None, None) for at, status in changes if status is None]
            channel, opened = (source, case["channel"]), statuses[0][0] if statuses else None
            conversation = _conversation(f"{source}:{case['id']}", channel, case["market"], moments, opened)
            priorities = [(_moment(at), old, new) for at, old, new in case.get("priorities", [])]
            yield {**conversation, "statuses": changes, "priorities": priorities}


def _reviews(data, courtesies):
    for key, row in newest_reviews(data)[0].items():
        identifier = f"reviews:{key}"
        moments = [_said(row["reviewed_at"], identifier, False, courtesies)]
        if row["reply"]:
            moments.append(_said(row["replied_at"], f"{identifier}/reply", True, courtesies))
        yield _conversation(identifier, ("reviews", row["channel"]), row["market"], moments)


def _forms(data, courtesies):
    for key, messages in exchanges(data).items():
        moments = [
            _said(row["created_at"], f"forms:{row['id']}", row["sender"] == "agent", courtesies, row["agent_id"])
            for row in messages
            if row["sender"] != "bot"
        ]
        opened = _moment(messages[0]["created_at"])
        yield _conversation(key, ("forms", messages[0]["channel"]), messages[0]["market"], moments, opened)


def _said(stamp, identifier, is_ours, courtesies, agent=None):
    """Return a message as a moment: our reply, a customer's question, or another message of a customer."""
    if is_ours:
        return _moment(stamp), 2, identifier, "reply", agent, None
    return _moment(stamp), 3, identifier, "courtesy" if identifier in courtesies else "question", None, _moment(stamp)


def _hang_up(conversation, removed_at):
    """Return the moment at which a customer waits no longer, because all that nobody answered was removed."""
    unanswered = []
    for _, _, identifier, kind, *_ in sorted(conversation["moments"], key=lambda moment: moment[:2]):
        unanswered = [*unanswered, identifier] if kind == "question" else unanswered if kind == "courtesy" else []
    if not unanswered or not all(identifier in removed_at for identifier in unanswered):
        return []
    return [(max(map(removed_at.get, unanswered)), 5, conversation["id"], "abandonment", None, None)]


def _conversation(identifier, channel, market, moments, opened=None):
    """Return a conversation without status and priority, opened by its first moment at the latest."""
    return {
        "id": identifier, "channel": channel, "market": market, "deleted": False, "moments": moments,
        "opened": opened or min(moment[0] for moment in moments), "statuses": [], "priorities": [],
    }  # fmt: skip
