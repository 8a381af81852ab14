"""The fourteen days in the forum of Acme Pay in India, where customers help each other and staff join in."""

from datetime import UTC, datetime, time

from story import named_social
from story.people import Person
from story.social import Author, Line, Site
from story.texts import bank, pick_issue
from story.timeline import DAYS, OUTAGE_DAY, dice, moment_on, volume_on

STAFF = ("2", "acme_care")
WEEKDAY_TOPICS, UNDER_OUTAGE = 1, 9


def author_of(person: Person) -> Author:
    """Return somebody's number and name in the forum."""
    return str(1000 + person.number * 3), f"{person.first}{person.number}".lower()


class Forum(Site):
    """Topics, and the posts in them."""

    def ask(self, at: datetime, author: Person | None, title: str, text: str) -> str:
        """Begin a topic and return its first post."""
        return self.say("topic", at, author, text, title=title)


def build() -> list[Line]:
    """Return every post, oldest first."""
    forum = Forum("in", "acme_pay", STAFF, author_of, lambda _, number: str(number), dice("discourse"))
    named_social.discourse_cases(forum)
    forum.reserve()
    outage, at = bank()["outage"], datetime.combine(OUTAGE_DAY, time(7), UTC)
    topic = forum.ask(at, forum.someone(), "Acme Pay down?", "Nothing works since noon. Is it only me?")
    for _ in range(UNDER_OUTAGE):
        at += forum.pause(60, 1500)
        person = forum.someone(0.5)
        forum.say("comment", at, person, forum.words(outage["posts"], person), on=topic)
    forum.say("comment", at + forum.pause(60, 600), None, forum.signed(outage["announcements"][1]), on=topic)
    for day in DAYS:
        for _ in range(volume_on(day, WEEKDAY_TOPICS)):
            person, at = forum.someone(), moment_on(day, forum.market, forum.rng)
            issue = bank()["issues"][pick_issue(forum.rng)]
            title, text = forum.words(issue["subjects"], person), forum.words(issue["bodies"], person)
            topic = forum.ask(at, person, title, text)
            forum.answer_sometimes(person, topic, at, topic, bank()["replies"]["open"], issue["fixes"])
    return sorted(forum.lines, key=lambda line: line["at"])
