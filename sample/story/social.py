"""Networks other than X, as the story stores them: a line for each post, comment and message."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from story.people import Person, agents_of, someone
from story.texts import bank, fill
from story.threads import REPLY_CHANCE, reply_wait
from story.timeline import END, START, stamp

Line = dict[str, Any]
Author = tuple[str, str]  # id and name, in the network's form


@dataclass
class Wall:
    """One account of ours on a network, and the lines written there."""

    market: str
    brand: str
    ours: Author
    author_of: Callable[[Person], Author]
    id_form: Callable[[str, int], str]  # from a kind and a number
    rng: random.Random
    is_deep: bool = False  # whether replies have replies; otherwise all are below the first comment
    lines: list[Line] = field(default_factory=list)
    reserved: set[str] = field(default_factory=set)  # ids of people who occur only in named cases
    _count: int = 0

    def say(self, kind: str, at: datetime, author: Person | None, text: str, **more: Any) -> str:
        """Add a line (ours without an author) and return its id; lines after the end are never written."""
        by, name = self.author_of(author) if author else self.ours
        identifier = self.new_id(kind, at, by)
        line = {"id": identifier, "kind": kind, "at": stamp(at), "by": by, "name": name, "text": text}
        line |= {"likes": int(self.rng.lognormvariate(0.2, 1.0))} if kind != "message" else {}
        if more.get("reply_to", "") == more.get("on"):
            del more["reply_to"]  # no comment, but the post itself
        if at < END:
            self.lines.append(line | more)
        return identifier

    def new_id(self, kind: str, _at: datetime, _by: str) -> str:
        """Return the next id; some networks make it from the time and the author."""
        self._count += 1
        return self.id_form(kind, self._count)

    def change(self, identifier: str, **more: Any) -> None:
        """Add facts to a line: edits, time of deletion, hidden."""
        next(line for line in self.lines if line["id"] == identifier).update(more)

    def words(self, lines: list[str], person: Person, **given: str) -> str:
        """Return one of some lines of the text bank, filled for the market and a customer."""
        return fill(self.rng.choice(lines), self.market, self.brand, self.rng, **{"first": person.first, **given})

    def someone(self, crm_share: float = 0.6) -> Person:
        """Return a person of the market who is not reserved."""
        while self.author_of(person := someone(self.market, self.rng, crm_share))[0] in self.reserved:
            continue
        return person

    def reserve(self) -> None:
        """Reserve the people used so far, so that their cases stay unchanged."""
        self.reserved = {line["by"] for line in self.lines}

    def signed(self, text: str) -> str:
        """Return a text of staff, signed by the agent on duty."""
        return f"{text} ^{self.rng.choice(agents_of(self.market, 'social')).initials}"

    def pause(self, low: int, high: int) -> timedelta:
        """Return a random pause in seconds."""
        return timedelta(seconds=self.rng.randrange(low, high))

    def wait(self, at: datetime) -> timedelta:
        """Return how long an answer takes."""
        return reply_wait(self.market, self.brand, at, self.rng)

    def answer_sometimes(
        self, person: Person, first: str, at: datetime, on: str, replies: list[str], fixes: list[str]
    ) -> datetime | None:
        """Play what follows a customer's comment; return when we answered, if we did."""
        rng, last = self.rng, first
        if rng.random() < 0.15:
            peer = self.someone(0.3)
            if peer.number != person.number:
                words = self.words(bank()["peer"], person)
                self.say("comment", at + self.pause(120, 5400), peer, words, on=on, reply_to=first)
        if rng.random() > REPLY_CHANCE[self.market]:
            return None
        answered = now = at + self.wait(at)
        last = self._reply(now, None, self.signed(self.words(replies, person, fix=rng.choice(fixes))), on, first, last)
        if rng.random() < 0.35:
            now += self.pause(60, 7200)
            last = self._reply(now, person, self.words(bank()["followups"], person), on, first, last)
            now += self.wait(now)
            words = self.signed(self.words(bank()["replies"]["close"], person, fix=rng.choice(fixes)))
            last = self._reply(now, None, words, on, first, last)
        if rng.random() < 0.3:
            words = self.words(bank()["thanks"], person, first="team")
            self._reply(now + self.pause(90, 5400), person, words, on, first, last)
        return answered

    def _reply(self, at: datetime, author: Person | None, text: str, on: str, first: str, last: str) -> str:
        return self.say("comment", at, author, text, on=on, reply_to=last if self.is_deep else first)


class Site(Wall):
    """A wall whose ids grow with time, like those of a site's own database."""

    def new_id(self, kind: str, at: datetime, _by: str) -> str:
        """Return an id made of the story's seconds and two digits for ties; raises OverflowError after 99."""
        self._count += 1
        if self._count > 99:
            raise OverflowError("a site has more lines than two digits: its ids would no longer grow with time")
        return self.id_form(kind, int(f"{int((at - START).total_seconds())}{self._count:02}"))
