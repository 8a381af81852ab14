"""The fourteen days on Mastodon, where Acme Pay in the United States has an account."""

from datetime import UTC, datetime, time, timedelta

from story import named_social
from story.people import Person
from story.social import Author, Line, Wall
from story.texts import bank, pick_issue
from story.timeline import DAYS, OUTAGE_DAY, dice, moment_on, volume_on

ACCOUNT, HASHTAG = ("109300000000000001", "acmepay"), "#AcmePayDown"
WEEKDAY_THREADS, UNDER_HASHTAG = 2, 14


def author_of(person: Person) -> Author:
    """Return somebody's account on another server than ours."""
    return str(109400000000000000 + person.number * 23), f"{person.last}_{person.number}@social.example".lower()


class Timeline(Wall):
    """Statuses of one server: ids made from the time, and the names of the addressed people before the text."""

    def new_id(self, kind: str, at: datetime, by: str) -> str:
        """Return an id: milliseconds, and 16 bits for ties."""
        return str((int(at.timestamp() * 1000) << 16) + int(super().new_id(kind, at, by)))

    def toot(self, at: datetime, author: Person | None, text: str, reply_to: str | None = None, **more: str) -> str:
        """Add a status and return its id."""
        return self.say("status", at, author, text, **({"reply_to": reply_to} if reply_to else {}), **more)

    def thread(self, at: datetime, person: Person, text: str, replies: list[str], fixes: list[str]) -> None:
        """Let somebody write to us, and answer most of it."""
        first = self.toot(at, person, f"@{ACCOUNT[1]} {text}")
        if self.rng.random() < 0.8:
            at += self.wait(at)
            words = self.signed(self.words(replies, person, fix=self.rng.choice(fixes)))
            last = self.toot(at, None, f"@{author_of(person)[1]} {words}", first)
            if self.rng.random() < 0.4:
                words = self.words(bank()[self.rng.choice(["thanks", "followups"])], person, first="team")
                self.toot(at + self.pause(60, 9000), person, f"@{ACCOUNT[1]} {words}", last)


def build() -> list[Line]:
    """Return every status, oldest first."""
    wall = Timeline("us", "acme_pay", ACCOUNT, author_of, lambda _, number: str(number), dice("mastodon"))
    named_social.mastodon_cases(wall)
    wall.reserve()
    start, outage = datetime.combine(OUTAGE_DAY, time(6, 30), UTC), bank()["outage"]
    for _ in range(UNDER_HASHTAG):
        person, at = wall.someone(0.5), start + timedelta(seconds=wall.rng.randrange(6 * 3600))
        words = wall.words(outage["posts"], person).removeprefix(f"{HASHTAG} ")
        if wall.rng.random() < 0.5:
            wall.toot(at, person, f"{words} {HASHTAG}")
        else:
            wall.thread(at, person, f"{words} {HASHTAG}", outage["replies"], ["payments work again"])
    for day in DAYS:
        for _ in range(volume_on(day, WEEKDAY_THREADS)):
            person, at = wall.someone(), moment_on(day, wall.market, wall.rng)
            issue = bank()["issues"][pick_issue(wall.rng)]
            text = wall.words(issue["posts"], person)
            wall.thread(at, person, text, bank()["replies"]["close"], issue["fixes"])
    # Taken back after it was read.
    regretted = max(line["id"] for line in wall.lines if line["text"].endswith(HASHTAG) and not line.get("reply_to"))
    wall.change(regretted, gone_at="2026-11-08T12:00:00Z")
    return sorted(wall.lines, key=lambda line: line["at"])
