"""Finds posts by account without scanning every post: one sorted list of positions per search term."""

import base64
import re
import zlib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from social_crm.local.sample_api.company import Company, Record

MENTION = re.compile(r"(?<![A-Za-z0-9_@])@([A-Za-z0-9_]{1,15})")
_TERM = re.compile(r"@\w{1,15}|from:@?\w{1,15}", re.ASCII)


class BadQuery(ValueError):
    """Raised for a query that this server does not understand; the message is in X's style."""


def mentions(text: str) -> list[str]:
    """Return the handles that a text names, in order, in lower case."""
    return [handle.lower() for handle in MENTION.findall(text)]


def parse_query(query: str) -> frozenset[str]:
    """Return the terms of `(@a OR from:a OR …)`, lower case; `-is:retweet` is accepted, for there are no retweets."""
    text = query.strip().replace("-is:retweet", "").strip()
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    terms = [term.strip() for term in text.split(" OR ")]
    for term in terms:
        if not _TERM.fullmatch(term):
            raise BadQuery(f"no viable alternative at input '{term[:40]}'")
    return frozenset(term.lower().replace("from:@", "from:") for term in terms)


class PostIndex:
    """All versions of all posts, oldest first."""

    def __init__(self, company: Company) -> None:
        """Sort the posts and list the positions at which each term matches."""
        self.posts = sorted(company.posts, key=lambda post: (post["at"], int(post["id"])))
        self.users = {user["id"]: user for user in company.users}
        self.by_name = {user["username"].lower(): user for user in company.users}
        self.by_id = {post["id"]: post for post in self.posts}
        self._keys = [post["at"] for post in self.posts]
        self._unions: dict[frozenset[str], list[int]] = {}

    @cached_property
    def versions(self) -> dict[str, list[Record]]:
        """Return the versions of each edited post, by its first id, oldest first."""
        found: dict[str, list[Record]] = {}
        for post in self.posts:
            if "edit_of" in post:
                found.setdefault(post["edit_of"], [self.by_id[post["edit_of"]]]).append(post)
        return found

    @cached_property
    def _terms(self) -> dict[str, list[int]]:
        terms: dict[str, list[int]] = defaultdict(list)
        for position, post in enumerate(self.posts):
            author = self.users.get(post["by"])
            names = {f"@{handle}" for handle in mentions(post["text"])}
            if author:
                names.add(f"from:{author['username'].lower()}")
            for name in names:
                terms[name].append(position)
        return terms

    def _matching(self, terms: frozenset[str]) -> list[int]:
        if terms not in self._unions:
            self._unions[terms] = sorted({position for term in terms for position in self._terms.get(term, ())})
        return self._unions[terms]

    def versions_at(self, post: Record, now: str) -> list[Record]:
        """Return the versions of a post that exist at a moment, oldest first."""
        versions = self.versions.get(post["edit_of"] if "edit_of" in post else post["id"], [post])
        return [version for version in versions if version["at"] <= now]

    def is_visible(self, post: Record, now: str) -> bool:
        """Tell whether a post exists at a moment, is not deleted, and is its own newest version."""
        if post["at"] > now or post.get("gone_at", "9") <= now:
            return False
        is_edited = post["id"] in self.versions or "edit_of" in post
        return not is_edited or self.versions_at(post, now)[-1]["id"] == post["id"]

    def search(self, terms: frozenset[str], low: int, high: int, now: str) -> Iterator[int]:
        """Yield the positions in `[low, high)` of visible posts that match, newest first."""
        found = self._matching(terms)
        for number in range(bisect_left(found, high) - 1, bisect_left(found, low) - 1, -1):
            if self.is_visible(self.posts[found[number]], now):
                yield found[number]

    def position_at(self, stamp: str) -> int:
        """Return the position of the first post at or after a moment."""
        return bisect_left(self._keys, stamp)


def token_for(position: int, terms: frozenset[str], mark: str = "") -> str:
    """Return an opaque page token that is valid for this query only."""
    return base64.b32encode(f"{position}.{_checksum(terms)}.{mark}".encode()).decode().rstrip("=").lower()


def position_of(token: str, terms: frozenset[str]) -> tuple[int, str]:
    """Return where a page token continues, and its mark; raises ValueError if it does not belong to this query."""
    padded = token.upper() + "=" * (-len(token) % 8)
    position, checksum, mark = base64.b32decode(padded).decode().split(".")
    if checksum != _checksum(terms):
        raise ValueError("token of another query")
    return int(position), mark


def _checksum(terms: frozenset[str]) -> str:
    return str(zlib.crc32(" ".join(sorted(terms)).encode()))
