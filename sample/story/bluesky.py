"""The fourteen days on Bluesky, where Acme Bank in the United States has an account."""

from datetime import UTC, datetime, time, timedelta

from story import named_social
from story.people import Person
from story.social import Author, Line, Site
from story.texts import bank, pick_issue
from story.timeline import DAYS, OUTAGE_DAY, dice, moment_on, volume_on

ACCOUNT = ("did:plc:acmebanksample0000000000", "acmebank.example")
WEEKDAY_THREADS, SPOKEN_OF, FOREIGN_SHARE = 1, 6, 0.2


def author_of(person: Person) -> Author:
    """Return somebody's account, with a name on a domain of its own."""
    return f"did:plc:sample{person.number:018d}", f"{person.last}{person.number}.example".lower()


class Sky(Site):
    """Posts; their addresses begin with their author's."""

    def new_id(self, kind: str, at: datetime, by: str) -> str:
        """Return the address of a post."""
        return f"at://{by}/app.bsky.feed.post/3m{super().new_id(kind, at, by)}"

    def post(self, at: datetime, author: Person | None, text: str, reply_to: str | None = None, **more: str) -> str:
        """Add a post and return its address."""
        return self.say("post", at, author, text, **({"reply_to": reply_to} if reply_to else {}), **more)

    def thread(self, at: datetime, person: Person, text: str, fixes: list[str], lang: str = "en") -> None:
        """Let somebody write to us, and answer most of it."""
        first = self.post(at, person, f"@{ACCOUNT[1]} {text}", lang=lang)
        if self.rng.random() < 0.8:
            at += self.wait(at)
            words = self.words(bank()["replies"]["close"], person, fix=self.rng.choice(fixes))
            last = self.post(at, None, self.signed(words), first)
            if self.rng.random() < 0.4:
                words = self.words(bank()[self.rng.choice(["thanks", "followups"])], person, first="team")
                self.post(at + self.pause(60, 9000), person, words, last)


def build() -> list[Line]:
    """Return every post, oldest first."""
    sky = Sky("us", "acme_bank", ACCOUNT, author_of, lambda _, number: str(number), dice("bluesky"))
    named_social.bluesky_cases(sky)
    sky.reserve()
    start = datetime.combine(OUTAGE_DAY, time(12), UTC)
    for _ in range(SPOKEN_OF):
        person = sky.someone(0.5)
        words = sky.words(bank()["outage"]["posts"], person).removeprefix("#AcmePayDown ")
        sky.post(start + timedelta(seconds=sky.rng.randrange(4 * 3600)), person, f"{words} #AcmePayDown, of Acme Bank")
    for day in DAYS:
        for _ in range(volume_on(day, WEEKDAY_THREADS)):
            person, at = sky.someone(), moment_on(day, sky.market, sky.rng)
            issue = bank()["issues"][pick_issue(sky.rng)]
            lang, text = "en", sky.words(issue["posts"], person)
            if sky.rng.random() < FOREIGN_SHARE:
                lang, text = sky.rng.choice(bank()["foreign"][sky.market])
            sky.thread(at, person, text, issue["fixes"], lang)
    # Taken back after it was read.
    regretted = max(line["id"] for line in sky.lines if line["text"].endswith("#AcmePayDown, of Acme Bank"))
    sky.change(regretted, gone_at="2026-11-08T09:00:00Z")
    return sorted(sky.lines, key=lambda line: line["at"])
