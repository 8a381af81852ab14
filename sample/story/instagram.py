"""The fourteen days on Instagram in Singapore: what Acme Bank shows, what is said below, and who tags it."""

from datetime import UTC, date, datetime, time

from story import named_social
from story.people import Person
from story.social import Author, Line, Wall
from story.texts import bank, pick_issue
from story.timeline import DAYS, PRAISE_DAY, dice, moment_on, volume_on

ACCOUNT = ("17841400000000001", "acmebanksg")
WEEKDAY_TAGS = 1
UNDER_MEDIA, PRAISED = 6, 70


def author_of(person: Person) -> Author:
    """Return somebody's id and name on Instagram, which differ from those on X."""
    return str(17841500000000000 + person.number * 19), f"{person.last}.{person.first}.{person.number}".lower()


def id_form(kind: str, number: int) -> str:
    """Return an id; those of media and comments look alike."""
    return str((18000000000000000 if kind == "comment" else 17900000000000000) + number)


def _show(wall: Wall, day: date) -> tuple[str, datetime]:
    """Post something below which people ask; return it and its time."""
    at, text = moment_on(day, wall.market, wall.rng), wall.rng.choice(bank()["marketing"])
    if day == PRAISE_DAY:
        at, text = datetime.combine(day, time(1), UTC), "The new app is here. Tell us what you think!"
    media = wall.say("media", at, None, text)
    for _ in range(wall.rng.randrange(UNDER_MEDIA + 1)):
        person, issue = wall.someone(), bank()["issues"][pick_issue(wall.rng)]
        later = at + wall.pause(120, 40000)
        first = wall.say("comment", later, person, wall.words(issue["posts"], person), on=media)
        wall.answer_sometimes(person, first, later, media, bank()["replies"]["open"], issue["fixes"])
    return media, at


def _praise(wall: Wall, media: str, shown_at: datetime) -> None:
    """Let somebody praise a post."""
    person, at = wall.someone(0.5), shown_at + wall.pause(60, 50000)
    first = wall.say("comment", at, person, wall.words(bank()["praise"], person, first="everyone"), on=media)
    if wall.rng.random() < 0.3:
        words = wall.signed(wall.words(bank()["replies"]["praise"], person))
        wall.say("comment", at + wall.wait(at), None, words, on=media, reply_to=first)


def build() -> list[Line]:
    """Return all media, comments and media of others, oldest first."""
    wall = Wall("sg", "acme_bank", ACCOUNT, author_of, id_form, dice("instagram"))
    named_social.instagram_cases(wall)
    wall.reserve()
    for day in DAYS:
        if day == PRAISE_DAY or wall.rng.random() < 0.6:
            media, shown_at = _show(wall, day)
            for _ in range(PRAISED if day == PRAISE_DAY else 3):
                _praise(wall, media, shown_at)
        for _ in range(volume_on(day, WEEKDAY_TAGS)):
            person, at = wall.someone(), moment_on(day, wall.market, wall.rng)
            text = wall.words(bank()["issues"]["branch"]["posts"], person)
            wall.say("tag", at, person, f"{text} @{ACCOUNT[1]}")
    return sorted(wall.lines, key=lambda line: line["at"])
