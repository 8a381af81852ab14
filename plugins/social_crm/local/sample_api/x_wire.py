"""Writes posts and users as X API v2 does."""

import re
from datetime import datetime, timedelta

from social_crm.local.sample_api.company import Record, with_milliseconds
from social_crm.local.sample_api.x_index import MENTION, PostIndex

POST_FIELDS = frozenset({
    "author_id", "conversation_id", "created_at", "edit_controls", "edit_history_tweet_ids", "entities", "id",
    "in_reply_to_user_id", "lang", "note_tweet", "possibly_sensitive", "public_metrics", "referenced_tweets",
    "reply_settings", "text",
})  # fmt: skip
USER_FIELDS = frozenset({
    "created_at", "description", "id", "location", "name", "protected", "public_metrics", "url", "username", "verified",
})  # fmt: skip
DEFAULT_POST_FIELDS = frozenset({"id", "text", "edit_history_tweet_ids"})
DEFAULT_USER_FIELDS = frozenset({"id", "name", "username"})
EXPANSIONS = frozenset({"author_id"})
_HASHTAG = re.compile(r"(?<!\w)#(\w+)")
_URL = re.compile(r"https?://\S+")


def _entities(index: PostIndex, text: str) -> Record:
    entities: Record = {}
    if found := list(MENTION.finditer(text)):
        entities["mentions"] = []
        for match in found:
            entry = {"start": match.start(), "end": match.end(), "username": match[1]}
            user = index.by_name.get(match[1].lower())
            entities["mentions"].append(entry | ({"id": user["id"]} if user else {}))
    if found := list(_HASHTAG.finditer(text)):
        entities["hashtags"] = [{"start": m.start(), "end": m.end(), "tag": m[1]} for m in found]
    if found := list(_URL.finditer(text)):
        entities["urls"] = [{"start": m.start(), "end": m.end(), "url": m[0], "expanded_url": m[0]} for m in found]
    return entities


def _metrics(post: Record) -> Record:
    likes = post.get("likes", 0)
    shares = post.get("shares", likes // 9)
    counts = {"retweet_count": shares, "reply_count": post.get("replies", 0), "like_count": likes, "quote_count": 0}
    return counts | {"bookmark_count": likes // 20, "impression_count": post.get("views", 37 * likes + 12)}


def _edit_controls(versions: list[Record]) -> Record:
    until = datetime.fromisoformat(versions[0]["at"]) + timedelta(hours=1)
    remaining = max(0, 6 - len(versions))
    stamp = until.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {"edits_remaining": remaining, "is_edit_eligible": "reply_to" not in versions[0], "editable_until": stamp}


def _reply(index: PostIndex, post: Record) -> Record:
    if "reply_to" not in post:
        return {}
    reply: Record = {"referenced_tweets": [{"type": "replied_to", "id": post["reply_to"]}]}
    if parent := index.by_id.get(post["reply_to"]):
        reply["in_reply_to_user_id"] = parent["by"]
    return reply


def write_post(index: PostIndex, post: Record, fields: frozenset[str], now: str) -> Record:
    """Return a post with the requested fields, in its state at a moment."""
    versions = index.versions_at(post, now)
    wire: Record = {
        "id": post["id"],
        "text": post["text"],
        "edit_history_tweet_ids": [version["id"] for version in versions],
        "author_id": post["by"],
        "conversation_id": post.get("root", post["id"]),
        "created_at": with_milliseconds(post["at"]),
        "lang": post.get("lang", "en"),
        "possibly_sensitive": False,
        "public_metrics": _metrics(post),
        "reply_settings": "everyone",
        **_reply(index, post),
    }
    if "edit_controls" in fields:
        wire["edit_controls"] = _edit_controls(versions)
    if "entities" in fields and (entities := _entities(index, post["text"])):
        wire["entities"] = entities
    return {name: value for name, value in wire.items() if name in fields}


def write_user(user: Record, fields: frozenset[str]) -> Record:
    """Return a user with the requested fields."""
    followers = user.get("followers", 0)
    counts = {"followers_count": followers, "following_count": followers // 3, "tweet_count": 11 + followers // 2}
    wire = {
        "id": user["id"],
        "name": user["name"],
        "username": user["username"],
        "created_at": with_milliseconds(user.get("created_at", "2015-01-01T00:00:00Z")),
        "description": user.get("description", ""),
        "protected": False,
        "verified": user.get("verified", False),
        "public_metrics": counts | {"listed_count": followers // 100, "like_count": 3 * followers},
    }
    return {name: value for name, value in wire.items() if name in fields}


def not_found(kind: str, parameter: str, value: str) -> Record:
    """Return X's entry in `errors[]` for something that cannot be shown."""
    return {
        "value": value,
        "detail": f"Could not find {kind} with {parameter}: [{value}].",
        "title": "Not Found Error",
        "resource_type": kind,
        "parameter": parameter,
        "resource_id": value,
        "type": "https://api.twitter.com/2/problems/resource-not-found",
    }
