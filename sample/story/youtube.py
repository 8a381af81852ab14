"""The fourteen days below the videos of Acme Bank's channel in the United States."""

from datetime import datetime

from story import named_social
from story.people import Person
from story.social import Author, Line, Wall
from story.texts import bank, pick_issue
from story.timeline import DAYS, dice, moment_on, volume_on

CHANNEL = ("UCacmebankussample000001", "@acmebank")
WEEKDAY_THREADS, PRAISED_SHARE, DEBATED_SHARE = 5, 0.3, 0.25
VIDEO_EVERY_DAYS = 3


def author_of(person: Person) -> Author:
    """Return somebody's channel and handle on YouTube."""
    return f"UCsampleviewer{person.number:010d}", f"@{person.last}{person.first}-{person.number}".lower()


def id_form(_kind: str, number: int) -> str:
    """Return a comment's id."""
    return f"Ugsample{number:05d}AaABAg"


def video_on(at: datetime) -> str:
    """Return the newest video at a moment."""
    return f"acmevideo{1 + (at.date() - DAYS[0]).days // VIDEO_EVERY_DAYS:02d}"


def _debate(wall: Wall, first: str, person: Person, at: datetime, video: str) -> None:
    """Let others answer a comment, more of them than one page of replies holds."""
    for _ in range(wall.rng.randrange(3, 9)):
        at += wall.pause(300, 20000)
        words = wall.words(bank()[wall.rng.choice(["peer", "angry", "followups"])], person)
        wall.say("comment", at, wall.someone(0.3), words, on=video, reply_to=first)


def build() -> list[Line]:
    """Return every comment and reply, oldest first."""
    wall = Wall("us", "acme_bank", CHANNEL, author_of, id_form, dice("youtube"))
    named_social.youtube_cases(wall)
    wall.reserve()
    for day in DAYS:
        for _ in range(volume_on(day, WEEKDAY_THREADS)):
            person, at = wall.someone(), moment_on(day, wall.market, wall.rng)
            video, issue = video_on(at), bank()["issues"][pick_issue(wall.rng)]
            if wall.rng.random() < PRAISED_SHARE:
                wall.say("comment", at, person, wall.words(bank()["praise"], person, first="everyone"), on=video)
                continue
            first = wall.say("comment", at, person, wall.words(issue["posts"], person), on=video)
            wall.answer_sometimes(person, first, at, video, bank()["replies"]["open"], issue["fixes"])
            if wall.rng.random() < DEBATED_SHARE:
                _debate(wall, first, person, at, video)
    return sorted(wall.lines, key=lambda line: line["at"])
