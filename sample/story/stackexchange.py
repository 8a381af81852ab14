"""Questions about Acme Bank on a question-and-answer site, which dumps all of its posts on two Sundays.

The asker may accept one answer; an employee of Acme answers under their own name.
"""

from datetime import UTC, date, datetime, timedelta
from html import escape
from xml.sax.saxutils import quoteattr

from story import named_social
from story.files import File, after
from story.people import Person
from story.social import Author, Line, Site
from story.texts import bank, pick_issue
from story.timeline import DAYS, dice, moment_on, stamp, volume_on

SITE, EMPLOYEE = "money.example.com", ("900", "Riya of Acme")
DUMPED_ON = (date(2026, 11, 1), date(2026, 11, 8))
WEEKDAY_QUESTIONS, ANSWERED_SHARE, BY_EMPLOYEE_SHARE = 1, 0.7, 0.4


def author_of(person: Person) -> Author:
    """Return somebody's number on the site."""
    return str(2000 + person.number), ""


class Questions(Site):
    """Questions, and the answers to them."""

    def ask(self, at: datetime, author: Person, title: str, text: str) -> str:
        """Add a question and return its number."""
        return self.say("question", at, author, text, title=title)


def _row(line: Line, lines: list[Line], end: str) -> dict[str, str]:
    """Return a post as in a dump."""
    is_question = line["kind"] == "question"
    edits = [edit for edit in line.get("edits", []) if edit["at"] < end]
    text = edits[-1]["text"] if edits else line["text"]
    accepted = [one["id"] for one in lines if one.get("on") == line["id"] and one.get("accepted_at", end) < end]
    return {
        "Id": line["id"],
        "PostTypeId": "1" if is_question else "2",
        **({"ParentId": line["on"]} if not is_question else {}),
        **({"AcceptedAnswerId": accepted[0]} if accepted else {}),
        "CreationDate": _moment(line["at"]),
        "Score": str(line["likes"]),
        **({"ViewCount": str(40 + 7 * line["likes"]), "Title": line["title"]} if is_question else {}),
        "Body": f"<p>{escape(text, quote=False)}</p>\n",
        "OwnerUserId": line["by"],
        **({"LastEditDate": _moment(edits[-1]["at"])} if edits else {}),
    }


def _moment(at: str) -> str:
    """Return a time as in dumps: UTC without a marker."""
    return at.replace("Z", ".000")


def _dump(lines: list[Line], day: date) -> File:
    """Return all posts of a site at the end of a day, including one of a kind that is no message."""
    end = stamp(datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1))
    rows = [_row(line, lines, end) for line in lines if line["at"] < end < line.get("gone_at", "9")]
    wiki = {"Id": "1", "PostTypeId": "5", "CreationDate": "2020-01-01T00:00:00.000", "Body": "About banks"}
    cells = (" ".join(f"{name}={quoteattr(value)}" for name, value in row.items()) for row in [wiki, *rows])
    written = "".join(f"  <row {one} />\n" for one in cells)
    content = f'<?xml version="1.0" encoding="utf-8"?>\n<posts>\n{written}</posts>\n'
    return after(day), f"posts_{SITE}_{day}.xml", content


def build() -> list[File]:
    """Return both dumps."""
    site = Questions("us", "acme_bank", EMPLOYEE, author_of, lambda _, number: str(number), dice("stackexchange"))
    named_social.stackexchange_cases(site)
    site.reserve()
    for day in DAYS:
        for _ in range(volume_on(day, WEEKDAY_QUESTIONS)):
            person, at = site.someone(), moment_on(day, site.market, site.rng)
            issue = bank()["issues"][pick_issue(site.rng)]
            asked = site.ask(at, person, site.words(issue["subjects"], person), site.words(issue["bodies"], person))
            if site.rng.random() < ANSWERED_SHARE:
                at += site.pause(900, 40000)
                answer = site.say("answer", at, site.someone(0.3), site.words(bank()["peer"], person), on=asked)
                if site.rng.random() < 0.5:
                    site.change(answer, accepted_at=stamp(at + site.pause(900, 90000)))
            if site.rng.random() < BY_EMPLOYEE_SHARE:
                words = site.words(bank()["replies"]["close"], person, fix=site.rng.choice(issue["fixes"]))
                site.say("answer", at + site.wait(at), None, words, on=asked)
    lines = sorted(site.lines, key=lambda line: line["at"])
    return [_dump(lines, day) for day in DUMPED_ON]
