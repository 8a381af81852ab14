"""The fourteen days on the page of Acme Bank in India on LinkedIn."""

from datetime import UTC, date, datetime, time

from story import named_social
from story.people import Person
from story.social import Author, Line, Site
from story.texts import bank, pick_issue
from story.timeline import DAYS, OUTAGE_DAY, dice, moment_on

PAGE = ("urn:li:organization:7100", "Acme Bank India")
POST_EVERY_DAYS, UNDER_POST, UNDER_NOTICE = 4, 2, 4


def author_of(person: Person) -> Author:
    """Return somebody's id, which differs for each application; names are not given."""
    return f"urn:li:person:s{person.number * 31:06d}", ""


class Page(Site):
    """A page, its posts, and the comments below them."""

    def finished(self) -> list[Line]:
        """Return everything, oldest first; comments refer to an activity, not to their post's number."""
        names = {line["id"]: self._name(line) for line in self.lines}
        for line in self.lines:
            line |= {key: names[line[key]] for key in ("id", "on", "reply_to") if key in line}
        return sorted(self.lines, key=lambda line: line["at"])

    def _name(self, line: Line) -> str:
        if line["kind"] == "post":
            return f"urn:li:share:{line['id']}"
        return f"urn:li:comment:(urn:li:activity:{int(line['on']) + 1},{line['id']})"


def _below(page: Page, post: str, later: datetime, lines: list[str], fixes: list[str]) -> None:
    person = page.someone()
    first = page.say("comment", later, person, page.words(lines, person), on=post)
    page.answer_sometimes(person, first, later, post, bank()["replies"]["open"], fixes)


def _notice(page: Page, day: date) -> None:
    """Post about the outage of the other brand; customers of both brands ask below it."""
    at = datetime.combine(day, time(9), UTC)
    words = f"{bank()['outage']['announcements'][0]} Follow @[Acme Pay](urn:li:organization:7200) #AcmePayDown"
    post = page.say("post", at, None, words)
    for _ in range(UNDER_NOTICE):
        _below(page, post, at + page.pause(300, 13000), bank()["outage"]["posts"], ["payments work again"])


def build() -> list[Line]:
    """Return every post and comment, oldest first."""
    page = Page("in", "acme_bank", PAGE, author_of, lambda _, number: str(number), dice("linkedin"))
    named_social.linkedin_cases(page)
    page.reserve()
    _notice(page, OUTAGE_DAY)
    for day in DAYS[1::POST_EVERY_DAYS]:
        at = moment_on(day, page.market, page.rng)
        post = page.say("post", at, None, page.rng.choice(bank()["marketing"]))
        for _ in range(page.rng.randrange(1, UNDER_POST + 1)):
            issue = bank()["issues"][pick_issue(page.rng)]
            _below(page, post, at + page.pause(600, 60000), issue["posts"], issue["fixes"])
    return page.finished()
