"""Posts as the story keeps them, and the company's accounts on X."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from story.people import Person
from story.timeline import END, post_id, stamp


@dataclass(frozen=True)
class Account:
    """One handle of the company."""

    handle: str
    x_id: str
    market: str
    brand: str


ACCOUNTS = [
    Account("AcmeBank", "2200000001", "us", "acme_bank"),
    Account("AcmeBankIN", "2200000002", "in", "acme_bank"),
    Account("AcmeBankSG", "2200000003", "sg", "acme_bank"),
    Account("AcmePay", "2200000011", "us", "acme_pay"),
    Account("AcmePayIN", "1350000000000000012", "in", "acme_pay"),
    Account("AcmePaySG", "1350000000000000013", "sg", "acme_pay"),
]


def account_of(market: str, brand: str) -> Account:
    """Return the company's handle for a market and brand."""
    return next(account for account in ACCOUNTS if (account.market, account.brand) == (market, brand))


@dataclass
class Stage:
    """Collects posts, assigns ids, and knows each post's thread."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    by_id: dict[str, dict[str, Any]] = field(default_factory=dict)

    def say(
        self,
        author: Person | Account,
        at: datetime,
        text: str,
        reply_to: str | None = None,
        lang: str = "en",
        **more: Any,
    ) -> str:
        """Add a post and return its id; posts after the end of the sample are never written."""
        number = len(self.posts) + 1
        identifier = post_id(at, number * 1627)
        post = {"id": identifier, "at": stamp(at), "by": author.x_id, "text": text, "lang": lang, **more}
        if reply_to:
            parent = self.by_id[reply_to]
            post |= {"reply_to": reply_to, "root": parent["root"]}
        else:
            post["root"] = identifier
        if at < END:
            self.posts.append(post)
        self.by_id[identifier] = post
        return identifier

    def edit(self, identifier: str, after: timedelta, text: str) -> str:
        """Add an edited version of a post: X gives it an id of its own."""
        first = self.by_id[identifier]
        at = datetime.fromisoformat(first["at"]) + after
        edited = {
            **first,
            "id": post_id(at, 77 + len(self.posts)),
            "at": stamp(at),
            "text": text,
            "edit_of": identifier,
        }
        if at < END:
            self.posts.append(edited)
        self.by_id[edited["id"]] = edited
        return str(edited["id"])

    def remove(self, identifier: str, at: datetime, kind: str = "deleted") -> None:
        """Make a post vanish at a moment: deleted by its author, or withheld."""
        self.by_id[identifier] |= {"gone_at": stamp(at), "gone": kind}


def mention(person: Person | Account) -> str:
    """Return the @-name that a reply to someone begins with."""
    return f"@{person.handle} "
