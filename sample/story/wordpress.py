"""The fourteen days of Acme Bank's blog in Singapore: its posts, and the readers' comments below them."""

from datetime import UTC, date, datetime, time

from story import named_social
from story.people import Person
from story.social import Author, Line, Site
from story.texts import bank, pick_issue
from story.timeline import DAYS, PRAISE_DAY, dice, moment_on

WRITER = ("user/1", "Acme Bank")
POST_EVERY_DAYS, UNDER_POST, PRAISED = 3, 3, 7


def author_of(person: Person) -> Author:
    """Return somebody as a guest, with an address and a name."""
    return person.email, person.name


class Blog(Site):
    """The posts of a blog, and the comments of its guests."""

    def publish(self, at: datetime, title: str, text: str) -> str:
        """Add a post of ours and return it."""
        return self.say("post", at, None, text, title=title)

    def finished(self) -> list[Line]:
        """Return everything, oldest first, with the address of each guest; addresses of spam do not count."""
        for line in self.lines:
            if line["by"] != WRITER[0] and line.get("status") != "spam":
                line["email"] = line["by"]
        return sorted(self.lines, key=lambda line: line["at"])


def _post(blog: Blog, day: date, title: str, text: str) -> None:
    at = moment_on(day, blog.market, blog.rng)
    post = blog.publish(at, title, text)
    for _ in range(blog.rng.randrange(1, UNDER_POST + 1)):
        person, issue = blog.someone(), bank()["issues"][pick_issue(blog.rng)]
        later = at + blog.pause(600, 60000)
        first = blog.say("comment", later, person, blog.words(issue["posts"], person), on=post)
        blog.answer_sometimes(person, first, later, post, bank()["replies"]["open"], issue["fixes"])


def build() -> list[Line]:
    """Return every post and comment, oldest first."""
    blog = Blog("sg", "acme_bank", WRITER, author_of, lambda kind, number: f"{kind}/{number}", dice("wordpress"))
    named_social.wordpress_cases(blog)
    blog.reserve()
    for number, (title, text) in enumerate(bank()["blog"]):
        _post(blog, DAYS[number * POST_EVERY_DAYS], title, text)
    at = datetime.combine(PRAISE_DAY, time(1), UTC)
    post = blog.publish(at, "The new app is here", "What is new, and what you asked for. Tell us what you think!")
    for _ in range(PRAISED):
        person = blog.someone(0.5)
        words = blog.words(bank()["praise"], person, first="everyone")
        blog.say("comment", at + blog.pause(600, 50000), person, words, on=post)
    return blog.finished()
