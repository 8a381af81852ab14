"""What each message of a customer asks for, by the line of the story's text bank that it was made of."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import yaml

from oracle.help_desk import kind_at, versions_of_users
from oracle.reading import read
from oracle.x import seen_posts

TEXTS = Path(__file__).parents[1] / "story/texts.yml"
# Lines of the bank that ask for something. A follow-up continues its author's question.
ASKING = {"posts", "bodies", "calls", "narratives", "sarcasm", "leaks", "suggestions", "angry", "followups"}
SAYING = {"praise", "spam", "thanks", "competitor", "comparisons"}
# Lines in other languages that thank or praise.
FOREIGN_PRAISE = ("बहुत अच्छी", "非常好用", "terima kasih", "muchas gracias")
# Issues of the story whose name in the issue tree is beyond dispute.
ISSUES = {
    "app_login": {"account_access", "service_digital"}, "fraud": {"security_fraud"}, "fees": {"charges_fees"},
}  # fmt: skip


@cache
def _lines():
    """Return [(pattern, kind, issue)] of every line of the bank that a customer may say."""
    bank = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))
    lines = [(text, kind, None) for kind in ASKING | SAYING for text in bank.get(kind, [])]
    lines += [(text, "posts", "outage") for text in bank["outage"]["posts"]]
    for name, issue in bank["issues"].items():
        lines += [(text, kind, name) for kind in ("posts", "bodies", "calls") for text in issue[kind]]
    for pairs in bank["foreign"].values():
        lines += [(text, "thanks" if any(words in text for words in FOREIGN_PRAISE) else "posts", None)
                  for _, text in pairs]  # fmt: skip
    openers = "|".join(sorted({re.escape(opener) for opener in bank["openers"]}, reverse=True))
    tails = "|".join(sorted({re.escape(tail) for tail in bank["tails"]}, reverse=True))
    return [(_pattern(text, openers, tails), kind, issue) for text, kind, issue in lines]


def _pattern(line, openers, tails):
    slots = "".join(".+?" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", line))
    # Mails have a salutation and a name around the line, calls the caller.
    before = rf"(?:@\w+ )*(?:[\w ]+,\n\n|Call from \S+ )?(?:{openers})?"
    after = rf"(?:{tails})?(?: \(edited: typo\)|\n\n[^\n]+|\.)?"
    return re.compile(before + slots + after, re.IGNORECASE | re.DOTALL)


def intent_of(text):
    """Return (asks for service, issue of the story) of a text, None if it is not in the bank."""
    for pattern, kind, issue in _lines():
        if pattern.fullmatch(text.strip()):
            return kind in ASKING, issue
    return None


def _comments(data):
    """Return {interaction id: text} of what customers wrote in tickets."""
    users = versions_of_users(data)
    return {
        f"zendesk:{event['id']}": event["body"]
        for ticket in read(data / "zendesk_tickets.jsonl")
        for audit in ticket["audits"]
        for event in audit["events"]
        if event["type"] in ("Comment", "VoiceComment")
        and kind_at(users, event["author_id"], audit["at"]) == "customer"
    }


def intents(data):
    """Return {interaction id: (asks for service, issue)} of customers' posts and messages, if known."""
    ours = {user["id"] for user in read(data / "x_users.jsonl") if user.get("ours")}
    posts, _ = seen_posts(data)
    said = {f"x:{first}": post["text"] for first, post in posts.items() if post["by"] not in ours}
    said |= _comments(data)
    found = {key: intent_of(text) for key, text in said.items()}
    return {key: intent for key, intent in found.items() if intent}


def meaning_answers(data):
    """Return the number of messages of each source that ask for something, and of those that do not."""
    counts = Counter(
        (key.split(":")[0], "asks" if asks else "does_not_ask") for key, (asks, _) in intents(data).items()
    )
    return {source: {kind: counts[source, kind] for kind in ("asks", "does_not_ask")} for source in ("x", "zendesk")}
