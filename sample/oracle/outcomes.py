"""What follows from what was said: which days should have raised an alarm, and which contacts were repeated."""

import re
from collections import defaultdict
from datetime import timedelta

import yaml

from oracle.reading import read
from oracle.x import OURS, seen_posts

BRANDS = {name: "acme_pay" if "pay" in name else "acme_bank" for name in OURS}
TIMES_THE_BUSIEST, FEWEST_DAYS = 2, 3


def praise_patterns(data):
    """Return what compliments look like: the story's own words, with anything where it fills in names."""
    texts = yaml.safe_load((data.parent / "story" / "texts.yml").read_text(encoding="utf-8"))["praise"]
    return [re.compile(re.sub(r"\\\{\w+\\\}", ".*", re.escape(text)), re.IGNORECASE) for text in texts]


def alarming_days(data):
    """Return "market brand day" in UTC where more than twice as many people ask on X as on any of three days before."""
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
