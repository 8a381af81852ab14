"""Tickets: who wrote what, first replies, reopens."""

from collections import Counter, defaultdict
from itertools import pairwise

from oracle.reading import READS, read, seconds

BOT, SYSTEM = 36000000900, -1
DONE = ("solved", "closed")


def versions_of_users(data):
    """Return {id: every version of a user, in order of time}."""
    users = defaultdict(list)
    for user in read(data / "zendesk_users.jsonl"):
        users[user["id"]].append(user)
    return users


def kind_at(users, identifier, at):
    """Return a user's role at a moment: agent, bot, system or customer."""
    if identifier in (BOT, SYSTEM):
        return "bot" if identifier == BOT else "system"
    versions = [user for user in users[identifier] if user["from"] <= at] or users[identifier][:1]
    return "agent" if versions[-1]["role"] == "agent" else "customer"


def life_of(ticket):
    """Return a ticket's newest fields, its (time, status) steps and its (time, author, is public) comments."""
    fields, statuses, comments = {}, [], []
    for audit in ticket["audits"]:
        for event in audit["events"]:
            if event["type"] in ("Comment", "VoiceComment"):
                comments.append((audit["at"], event["author_id"], event["public"]))
                continue
            fields[event.get("field_name")] = event.get("value")
            if event.get("field_name") == "status":
                statuses.append((audit["at"], event["value"]))
    return fields, statuses, comments


def first_reply(comments, users):
    """Return the seconds from the first customer comment to the next public one by an agent, or None, and its time."""
    asked = None
    for at, author, is_public in comments:
        kind = kind_at(users, author, at)
        if kind == "customer" and asked is None:
            asked = at
        elif kind == "agent" and is_public and asked and at > asked:
            return seconds(asked, at), asked
    return None, asked


def read_before(deleted_at, opened_at):
    """Return the last moment at which a step could read a ticket's comments, or None if it was deleted by then."""
    moments = [read_at for end, read_at in READS if opened_at < end and read_at < (deleted_at or "9")]
    return moments[-1] if moments else None


def comments_read(ticket, statuses, comments):
    """Return the comments that a step read; None if the ticket was deleted by then."""
    deleted_at = next((at for at, status in statuses if status == "deleted"), None)
    last_read = read_before(deleted_at, ticket["audits"][0]["at"])
    return None if last_read is None else [comment for comment in comments if comment[0] <= last_read]


def reopens(statuses):
    """Count the changes from done to a status that is neither done nor deleted."""
    order = [status for _, status in statuses]
    return sum(before in DONE and after not in (*DONE, "deleted") for before, after in pairwise(order))


def zendesk_answers(data):
    """Return interactions, conversations and counts of the help desk."""
    users = versions_of_users(data)
    interactions, conversations, counts, authors = [], {}, Counter(), set()
    for ticket in read(data / "zendesk_tickets.jsonl"):
        fields, statuses, comments = life_of(ticket)
        market = next(tag for tag in fields["tags"] if tag.startswith("market_"))[7:]
        counts["tickets"] += 1
        counts["deleted_tickets"] += any(status == "deleted" for _, status in statuses)
        comments = comments_read(ticket, statuses, comments)
        if comments is None:
            counts["tickets_deleted_before_they_were_read"] += 1
            continue
        for at, author, is_public in comments:
            kind = kind_at(users, author, at)
            counts[f"comments_by_{kind}"] += 1
            counts["internal_notes"] += not is_public
            direction = "inbound" if kind == "customer" else "outbound"
            interactions.append(("zendesk", f"zendesk/{ticket['channel']}", market, direction))
            authors |= {author} if kind == "customer" else set()
        counts["reopens"] += reopens(statuses)
        counts["merged"] += "closed_by_merge" in fields["tags"]
        reply = first_reply(comments, users)
        conversations[f"zendesk:{ticket['id']}"] = ("zendesk", "traditional", market, ticket["channel"], *reply)
    return interactions, conversations, dict(counts) | {"distinct_authors": len(authors)}
