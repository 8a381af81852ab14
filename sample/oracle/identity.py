"""Which authors the CRM knows, by the strongest key that only one customer holds; without similarity."""

import re
from collections import Counter, defaultdict

from oracle.crms import current_contacts
from oracle.desks import CASES, desk_authors
from oracle.feeds import feed_authors
from oracle.files import newest_rows
from oracle.help_desk import comments_read, kind_at, life_of, versions_of_users
from oracle.reading import READS, read
from oracle.social import NETWORKS, network_authors
from oracle.x import seen_posts

# The strongest first.
KINDS = ("external_ref", "email", "phone", "x_handle", "private_reference")


def key_of(kind, value):
    """Return a normalised value: digits of numbers with country code, handles without @; None if empty."""
    if kind == "phone":
        return re.sub(r"\D", "", value or "").removeprefix("00") or None
    return (value or "").strip().removeprefix("@").casefold() or None


def holders(data):
    """Return {(kind, value): customers that hold it}, as of the last read of the CRMs."""
    current = {row["id"]: row for row in read(data / "crm_customers.jsonl") if row["from"] <= READS[-1][1]}
    # A deleted record of a CRM holds nothing any more.
    current |= {name: row for name, row in current_contacts(data).items() if not row.get("is_deleted")}
    found = defaultdict(set)
    for identifier, row in current.items():
        for kind in KINDS:
            if value := key_of(kind, row.get("external_ref" if kind == "private_reference" else kind)):
                found[kind, value].add(identifier)
    return found


def x_authors(data):
    """Yield the keys of each author whose posts were read: the handle."""
    users = {user["id"]: user for user in read(data / "x_users.jsonl")}
    for author in {post["by"] for post in seen_posts(data)[0].values()}:
        if not users[author].get("ours"):
            yield {"x_handle": users[author]["username"]}


def zendesk_authors(data):
    """Yield the keys of each customer who wrote in a readable ticket, from the last state of the directory."""
    users, writers = versions_of_users(data), set()
    for ticket in read(data / "zendesk_tickets.jsonl"):
        _, statuses, comments = life_of(ticket)
        said = comments_read(ticket, statuses, comments) or []
        writers |= {by for at, by, _ in said if kind_at(users, by, at) == "customer"}
    for writer in writers:
        user = [version for version in users[writer] if version["from"] <= READS[-1][1]][-1]
        yield {"external_ref": user.get("external_id"), "email": user.get("email"), "phone": user.get("phone")}


def phone_authors(data):
    """Yield the keys of each calling number (with its last reference), and of each reference without a number."""
    calls, keys = newest_rows(data / "phone", "pbx", "call_id")[0], {}
    for call in sorted(calls.values(), key=lambda call: call["started_at"]):
        number, reference = key_of("phone", call["caller_number"]), call["customer_ref"]
        if caller := number or reference:
            keys.setdefault(caller, {})["phone"] = number
            keys[caller] |= {"external_ref": reference} if reference else {}
    yield from keys.values()


def named_by_reference(source, *key):
    """Return a function that yields the reference of each customer whom rows of a source name."""

    def authors(data):
        rows = newest_rows(data / source, *key)[0].values()
        for reference in {row["customer_ref"] for row in rows} - {""}:
            yield {"external_ref": reference}

    return authors


def form_authors(data):
    """Yield the keys of each customer who wrote on the site: the address for the reply."""
    messages = [row for row in read(data / "forms_messages.jsonl") if row["sender"] == "customer"]
    for address in {row["author_email"].lower() for row in messages}:
        yield {"email": address}


SOURCES = {
    "phone": phone_authors,
    "x": x_authors,
    "zendesk": zendesk_authors,
    "surveys": named_by_reference("surveys", "metric", "response_id"),
    "forms": form_authors,
    "feeds": feed_authors,
    "stores": named_by_reference("stores", "store", "visit_id"),
    **{source: network_authors(source) for source in NETWORKS},
    **{source: desk_authors(source) for source in CASES},
}


def identity_answers(data):
    """Return, by source, the number of authors, and of those identified by each kind of key."""
    held, answers = holders(data), {}
    for source, authors in SOURCES.items():
        counts = Counter(known_by_no_key=0)
        for keys in authors(data):
            named = [kind for kind in KINDS if len(held.get((kind, key_of(kind, keys.get(kind))), ())) == 1]
            counts["authors"] += 1
            counts[named[0] if named else "known_by_no_key"] += 1
        answers[source] = dict(sorted(counts.items()))
    return answers
