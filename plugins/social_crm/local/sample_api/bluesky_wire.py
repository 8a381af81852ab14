"""Bluesky's format: views of posts with their authors' records, in order of time."""

import re
from collections.abc import Collection
from hashlib import sha256

from social_crm.local.sample_api.company import Record, with_milliseconds

DID, HANDLE = "did:plc:acmebanksample0000000000", "acmebank.example"


def sorted_at(line: Record) -> str:
    """Return the moment by which lists are sorted: the earlier of the author's time and the network's."""
    return str(min(line["at"], line.get("claimed_at", line["at"])))


def view_of(line: Record, lines: dict[str, Record], said: Collection[Record], now: str) -> Record:
    """Return a post with its author and with its counts at a moment.

    `lines` holds all that it may answer or quote, `said` what is said and not gone at the moment.
    """
    return {
        "uri": line["id"],
        "cid": _version(line),
        "author": {"did": line["by"], "handle": line["name"], "displayName": ""},
        "record": _record(line, lines),
        "indexedAt": with_milliseconds(line["at"]),
        "likeCount": line["likes"],
        "repostCount": int(line.get("reposted_at", "9") <= now),
        "quoteCount": sum(one.get("quotes") == line["id"] for one in said),
        "replyCount": sum(one.get("reply_to") == line["id"] for one in said),
        "labels": [],
    }


def _record(line: Record, lines: dict[str, Record]) -> Record:
    record = {
        "$type": "app.bsky.feed.post",
        "text": line["text"],
        "createdAt": with_milliseconds(line.get("claimed_at") or line["at"]),
        "langs": [line.get("lang", "en")],
        "facets": [_facet(line["text"], found) for found in re.finditer(r"[#@][\w.]*\w", line["text"])],
    }
    if "reply_to" in line:
        parent = root = lines[line["reply_to"]]
        while "reply_to" in root:
            root = lines[root["reply_to"]]
        record["reply"] = {"root": _named(root), "parent": _named(parent)}
    if "quotes" in line:
        record["embed"] = {"$type": "app.bsky.embed.record", "record": _named(lines[line["quotes"]])}
    return record


def _facet(text: str, found: re.Match[str]) -> Record:
    """Return what a part of the text stands for, and its position in bytes."""
    start, end = (len(text[:place].encode()) for place in found.span())
    kind, name = found[0][0], found[0][1:]
    about = {"$type": "app.bsky.richtext.facet#tag", "tag": name}
    if kind == "@":
        about = {"$type": "app.bsky.richtext.facet#mention", "did": DID if name == HANDLE else f"did:web:{name}"}
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [about]}


def _named(line: Record) -> Record:
    return {"uri": line["id"], "cid": _version(line)}


def _version(line: Record) -> str:
    """Return a value that changes only with the words."""
    return f"bafyrei{sha256(line['text'].encode()).hexdigest()[:52]}"
