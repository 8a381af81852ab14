"""Expected outcomes: days that should have raised an alarm, and repeated contacts."""

import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta

import yaml

from oracle.reading import read
from oracle.threads import threads_of
from oracle.x import OURS, seen_posts, x_parents

BRANDS = {name: "acme_pay" if "pay" in name else "acme_bank" for name in OURS}
TIMES_THE_BUSIEST, FEWEST_DAYS = 2, 3
THANKS = r"thank|worked|sorted|appreciated"


def praise_patterns(data):
    """Return patterns of compliments: the story's own words, with anything in place of names."""
    texts = yaml.safe_load((data.parent / "story" / "texts.yml").read_text(encoding="utf-8"))["praise"]
    return [re.compile(re.sub(r"\\\{\w+\\\}", ".*", re.escape(text)), re.IGNORECASE) for text in texts]


def alarming_days(data):
    """Return "market brand day" in UTC on which more than twice as many people ask on X as on any of 3 days before."""
    ours = {user["id"] for user in read(data / "x_users.jsonl") if user.get("ours")}
    praise = praise_patterns(data)
    people = defaultdict(set)
    for post in seen_posts(data)[0].values():
        named = [name.lower() for name in re.findall(r"@(\w+)", post["text"]) if name.lower() in OURS]
        if post["by"] in ours or not named or any(pattern.search(post["text"]) for pattern in praise):
            continue
        people[(OURS[named[0]], BRANDS[named[0]], post["at"][:10])].add(post["by"])
    found = []
    for (market, brand, day), authors in sorted(people.items()):
        before = [len(others) for key, others in people.items() if key[:2] == (market, brand) and key[2] < day]
        if len(before) >= FEWEST_DAYS and len(authors) > TIMES_THE_BUSIEST * max(before):
            found.append(f"{market} {brand} {day}")
    return found


def verdicts(contacts, as_of):
    """Return {contact: (is a repeat, is repeated, resolved at first contact)} of rows as fct_conversations has them.

    A row is (contact, customer, issue, moment, is resolved, first reply, why none, reopened count).
    """
    week, found = timedelta(days=7), {}
    for contact, customer, issue, at, is_resolved, reply_at, why_none, reopened in contacts:
        if customer is None or issue == "unknown":
            found[contact] = (None, None, None)
            continue
        others = [(row[3], row[0]) for row in contacts if row[1:3] == (customer, issue) and row[0] != contact]
        is_repeat = any(other < (at, contact) and at - other[0] <= week for other in others)
        follows = any(other > (at, contact) and other[0] - at <= week for other in others)
        is_over = at + week <= as_of
        is_repeated = True if follows else False if is_over else None
        handled = is_resolved if is_resolved is not None else True if reply_at else None
        if handled is None and why_none != "not_recorded":
            handled = False
        resolved = False if follows or (reopened or 0) > 0 else handled if is_over else None
        found[contact] = (is_repeat, is_repeated, None if is_repeat or handled is None else resolved)
    return found


def settled_by_peers(data, as_of):
    """Return the threads on X in which only peers answered a known customer, who thanked and wrote nothing else."""
    users = {user["id"]: user for user in read(data / "x_users.jsonl")}
    ours = {identifier for identifier, user in users.items() if user.get("ours")}
    filed = {str(row["x_handle"]).lstrip("@").lower(): row for row in read(data / "crm_customers.jsonl")}
    elsewhere = said_elsewhere(data)
    posts, first_ids = seen_posts(data)
    threads = threads_of(posts, x_parents(posts, first_ids), ours)
    taken_part = Counter(author for members in threads.values() for author in {posts[post]["by"] for post in members})
    found = []
    for root, members in threads.items():
        asker, said = posts[root]["by"], [posts[post] for post in members]
        customer = filed.get(users.get(asker, {}).get("username", "").lower())
        peers = [post for post in said if post["by"] != asker and "me too!" not in post["text"]]
        later = [post["text"] for post in said[1:] if post["by"] == asker]
        thanked = later and all(re.search(THANKS, text, re.IGNORECASE) for text in later)
        is_over = datetime.fromisoformat(posts[root]["at"]) + timedelta(days=7) < as_of
        if not (customer and peers and thanked and is_over) or any(post["by"] in ours for post in said):
            continue
        if taken_part[asker] == 1 and not any(name in elsewhere for name in names_of(customer)):
            found.append(f"x:{root}")
    return sorted(found)


def said_elsewhere(data):
    """Return everything said on other channels as one normalised text."""
    files = [path for path in data.rglob("*") if path.is_file() and not path.name.startswith(("x_", "crm_"))]
    return bare("\n".join(path.read_text(encoding="utf-8") for path in files))


def names_of(customer):
    """Return the identifiers of a CRM customer on other channels, in the form of `said_elsewhere`."""
    return [bare(customer[name]) for name in ("email", "external_ref", "phone") if customer[name]]


def bare(text):
    """Return a text in lower case, without separators between digits."""
    return re.sub(r"[ ()+-]", "", text.lower())
