"""The fourteen days on the Facebook Page of Acme Pay in India: its posts, the comments below, and Messenger."""

from datetime import UTC, date, datetime, time, timedelta

from story import named_social
from story.people import Person
from story.social import Author, Line, Wall
from story.texts import bank, pick_issue
from story.timeline import DAYS, OUTAGE_DAY, dice, moment_on, volume_on

PAGE = ("700100001", "Acme Pay India")
WEEKDAY_VISITORS, WEEKDAY_CHATS = 2, 3
ANNOUNCED_AT = (8.0, 9.75, 13.25)  # hours of the outage day
UNDER_ANNOUNCEMENTS, UNDER_TIPS = 18, 4
TELLS_REFERENCE_SHARE, GOES_PRIVATE_SHARE = 0.6, 0.35


def author_of(person: Person) -> Author:
    """Return somebody's id on the Page, the same in comments and in Messenger, and their name."""
    return str(4100000000 + person.number * 13), person.name


def id_form(kind: str, number: int) -> str:
    """Return an id: a post's begins with its Page's."""
    return {"post": f"{PAGE[0]}_{1000 + number}", "comment": f"{5000 + number}_{90000 + number}"}.get(
        kind, f"m_{number}"
    )


def thread_of(person: Person) -> str:
    """Return the conversation in Messenger that somebody has with the Page."""
    return f"t_{800000 + person.number}"


class Page(Wall):
    """The Page and its private messages."""

    def message(self, at: datetime, person: Person, text: str, is_ours: bool = False) -> None:
        """Add a message to a customer's conversation."""
        to = self.author_of(person) if is_ours else self.ours
        self.say("message", at, None if is_ours else person, text, on=thread_of(person), to=to[0], to_name=to[1])

    def chat(self, at: datetime, person: Person) -> None:
        """Play a conversation in Messenger; some say which customer they are."""
        issue = bank()["issues"][pick_issue(self.rng)]
        text = self.words(issue["posts"], person)
        if person.in_crm and self.rng.random() < TELLS_REFERENCE_SHARE:
            text += f"\nMy customer number is {person.external_ref}."
        self.message(at, person, text)
        if self.rng.random() < 0.1:
            return
        at += self.wait(at) / 2
        words = self.words(bank()["replies"]["chat_open"], person, agent="Acme Pay")
        self.message(at, person, self.signed(words), True)
        at += self.pause(60, 5400)
        self.message(at, person, self.words(bank()["followups"], person))
        at += self.wait(at) / 2
        words = self.words(bank()["replies"]["chat_close"], person, fix=self.rng.choice(issue["fixes"]))
        self.message(at, person, self.signed(words), True)
        if self.rng.random() < 0.4:
            self.message(at + self.pause(30, 3600), person, self.words(bank()["thanks"], person))

    def asked_below(self, post: str, at: datetime, texts: list[str], replies: list[str], fixes: list[str]) -> None:
        """Let somebody ask below a post, and sometimes continue in private after the answer."""
        person = self.someone()
        first = self.say("comment", at, person, self.words(texts, person), on=post)
        answered = self.answer_sometimes(person, first, at, post, replies, fixes)
        if answered and self.rng.random() < GOES_PRIVATE_SHARE:
            self.chat(answered + self.pause(120, 7200), person)


def _outage(page: Page) -> None:
    """Announce the outage, late, to many comments."""
    texts = bank()["outage"]
    for hours, text in zip(ANNOUNCED_AT, texts["announcements"], strict=True):
        at = datetime.combine(OUTAGE_DAY, time(), UTC) + timedelta(hours=hours)
        post = page.say("post", at, None, text, shares=page.rng.randrange(3, 60))
        for _ in range(UNDER_ANNOUNCEMENTS):
            later = at + page.pause(60, 9000)
            page.asked_below(post, later, texts["posts"], texts["replies"], ["payments work again"])


def _ordinary_day(page: Page, day: date) -> None:
    rng = page.rng
    if rng.random() < 0.8:
        at = moment_on(day, page.market, rng)
        post = page.say("post", at, None, rng.choice(bank()["marketing"]))
        for _ in range(rng.randrange(UNDER_TIPS + 1)):
            question = bank()["issues"]["question"]
            page.asked_below(post, at + page.pause(60, 20000), question["posts"], bank()["replies"]["close"],
                             question["fixes"])  # fmt: skip
    for _ in range(volume_on(day, WEEKDAY_VISITORS)):
        person, issue, at = page.someone(), bank()["issues"][pick_issue(rng)], moment_on(day, page.market, rng)
        post = page.say("post", at, person, page.words(issue["posts"], person))
        page.answer_sometimes(person, post, at, post, bank()["replies"]["open"], issue["fixes"])
    for _ in range(volume_on(day, WEEKDAY_CHATS)):
        page.chat(moment_on(day, page.market, rng), page.someone(0.75))


def build() -> list[Line]:
    """Return every post, comment and message, oldest first."""
    page = Page("in", "acme_pay", PAGE, author_of, id_form, dice("facebook"))
    named_social.facebook_cases(page)
    page.reserve()
    _outage(page)
    for day in DAYS:
        _ordinary_day(page, day)
    return sorted(page.lines, key=lambda line: line["at"])
