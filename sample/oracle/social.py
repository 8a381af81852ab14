"""Networks other than X: threads below posts, and private conversations."""

import hashlib
import re
from collections import defaultdict
from datetime import datetime, timedelta

from oracle.dumps import dumped_posts
from oracle.reading import read, read_of, seconds
from oracle.threads import between_opener_and_us, first_reply, threads_of

# For each network: our account's market, its id, and the channels for the story's kinds.
NETWORKS = {
    "facebook": ("in", "700100001", {"post": "post", "comment": "comment", "message": "message"}),
    "instagram": ("sg", "17841400000000001", {"media": "post", "tag": "post", "comment": "comment"}),
    "youtube": ("us", "UCacmebankussample000001", {"comment": "comment"}),
    "mastodon": ("us", "109300000000000001", {"status": "status"}),
    "discourse": ("in", "2", {"topic": "post", "comment": "post"}),
    "wordpress": ("sg", "user/1", {"post": "post", "comment": "comment"}),
    "linkedin": ("in", "urn:li:organization:7100", {"post": "post", "comment": "comment"}),
    "stackexchange": ("us", "money.example.com/900", {"question": "question", "answer": "answer"}),
    "bluesky": ("us", "did:plc:acmebanksample0000000000", {"post": "post"}),
    "reddit": ("us", "t2_acmebank", {"submission": "submission", "comment": "comment"}),
}
OUR_SUBREDDIT = "acmebank"  # the market of others is unknown
NAMED = {"id", "reply_to"}
# Kinds for which the network gives no author id.
NAMELESS = {("instagram", "media"), ("instagram", "tag")}


def met(data, source):
    """Return {id: line} of everything that a step read; lines deleted by then are not read."""
    lines = dumped_posts(data / source) if source == "stackexchange" else read(data / f"{source}.jsonl")
    seen = [_named(source, line) for line in lines if line.get("gone_at", "9") > read_of(line["at"])]
    times = {line["id"]: _said_at(line) for line in seen}
    return {
        line["id"]: {**line, "by": _author_of(source, line), "at": times[line["id"]]}
        for line in seen
        if times[line["id"]]
    }


def _named(source, line):
    """Return a line with the ids that BI shows: addresses on Bluesky contain their authors, so they are hashed."""
    if source != "bluesky":
        return line
    ids = {key: hashlib.md5(line[key].encode(), usedforsecurity=False).hexdigest() for key in NAMED & line.keys()}
    return {**line, **ids}


def _said_at(line):
    """Return when a line was said: its author's time, if that is at most a day before the network received it.

    None for older claims, which are too far down in every list to be read.
    """
    seen, claimed = datetime.fromisoformat(line["at"]), datetime.fromisoformat(line.get("claimed_at", line["at"]))
    if claimed > seen:
        return line["at"]
    return line.get("claimed_at", line["at"]) if claimed >= seen - timedelta(days=1) else None


def _author_of(source, line):
    """Return who wrote a line, us also for employees; a line removed by moderators has no author."""
    if line.get("is_ours"):
        return NETWORKS[source][1]
    return [line["by"], *(edit["by"] for edit in line.get("edits", []) if "by" in edit)][-1]


def market_of(source, line):
    """Return the market in which something is said."""
    return NETWORKS[source][0] if line.get("subreddit", OUR_SUBREDDIT) == OUR_SUBREDDIT else "unknown"


def public_and_private(data, source):
    """Return public lines, {id: what it answers} of these, and {conversation: lines} of private ones."""
    lines, private = met(data, source), defaultdict(list)
    for line in sorted(lines.values(), key=lambda line: line["at"]):
        if line["kind"] == "message":
            private[line["on"]].append(line)
    public = {key: line for key, line in lines.items() if line["kind"] != "message"}
    return public, {key: line.get("reply_to", line.get("on")) for key, line in public.items()}, private


def network_answers(source):
    """Return a function that computes interactions, conversations and counts of a network."""
    _, account, channels = NETWORKS[source]

    def answers(data):
        public, parents, private = public_and_private(data, source)
        interactions, conversations, ours = [], {}, {account}
        for line in met(data, source).values():
            direction = "outbound" if line["by"] == account else "inbound"
            interactions.append((source, f"{source}/{channels[line['kind']]}", market_of(source, line), direction))
        for root, members in threads_of(public, parents, ours).items():
            wait, opener = first_reply(root, members, public, parents, ours), public[root]
            market = market_of(source, opener)
            conversations[f"{source}:{root}"] = (source, "social", market, opener["kind"], wait, opener["at"])
        for key, messages in private.items():
            asked = next((line["at"] for line in messages if line["by"] != account), None)
            replies = [line["at"] for line in messages if line["by"] == account and asked and line["at"] > asked]
            wait = seconds(asked, replies[0]) if replies else None
            market = market_of(source, messages[0])
            conversations[f"{source}:{key}"] = (source, "social", market, "message", wait, asked)
        return interactions, conversations, {}

    return answers


def network_authors(source):
    """Return a function that yields the identifiers each customer gave: an address, or a reference in private."""
    _, account, _ = NETWORKS[source]

    def authors(data):
        references, addresses = defaultdict(set), {}
        for line in met(data, source).values():
            if line["by"] not in (account, None) and (source, line["kind"]) not in NAMELESS:
                is_private = line["kind"] == "message" or line.get("visibility") == "direct"
                references[line["by"]] |= set(re.findall(r"\bAC-\d{6}\b", line["text"])) if is_private else set()
                addresses[line["by"]] = line.get("email")
        for author, named in references.items():
            yield {"email": addresses[author], "private_reference": min(named) if len(named) == 1 else None}

    return authors


def network_exchanges(data, source):
    """Yield (conversation, channel, market, lines of its customer and of ours, our id) of a network."""
    _, account, channels = NETWORKS[source]
    public, parents, private = public_and_private(data, source)
    for root, members in threads_of(public, parents, {account}).items():
        said = between_opener_and_us(root, members, public, parents, {account})
        lines, channel = [public[identifier] for identifier in said], channels[public[root]["kind"]]
        if public[root].get("status") == "spam":
            continue  # not somebody who waits for an answer
        yield root, channel, market_of(source, public[root]), lines, account
    for key, messages in private.items():
        yield key, channels["message"], market_of(source, messages[0]), messages, account
