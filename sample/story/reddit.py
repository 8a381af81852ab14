"""The fourteen days on Reddit: Acme Bank's own subreddit, and what is said about it in others."""

from datetime import UTC, datetime, time

from story import named_social
from story.people import Person
from story.social import Author, Line, Wall
from story.texts import bank, pick_issue
from story.timeline import DAYS, OUTAGE_DAY, dice, moment_on, volume_on

ACCOUNT = ("t2_acmebank", "acmebank")
OWN, OTHERS = "acmebank", ("everydaymoney", "smallshops")
WEEKDAY_POSTS, ELSEWHERE_SHARE = 2, 0.35
UNDER_OUTAGE = 26


def author_of(person: Person) -> Author:
    """Return somebody's account on Reddit; its name does not contain theirs."""
    return f"t2_s{person.number:04d}", f"quiet_saver_{person.number * 7919 % 9973}"


def id_form(kind: str, number: int) -> str:
    """Return the full name of a post or comment."""
    return f"{'t3_s' if kind == 'submission' else 't1_c'}{number:05d}"


class Board(Wall):
    """Subreddits with their posts and comments."""

    def submit(self, at: datetime, author: Person | None, subreddit: str, title: str, text: str) -> str:
        """Add a post and return its name."""
        return self.say("submission", at, author, text, title=title, subreddit=subreddit)

    def finished(self) -> list[Line]:
        """Return every post and comment, oldest first, each with its subreddit."""
        places = {line["id"]: line["subreddit"] for line in self.lines if line["kind"] == "submission"}
        lines = [{**line, "subreddit": places[line.get("on", line["id"])]} for line in self.lines]
        return sorted(lines, key=lambda line: line["at"])

    def debate(self, post: str, at: datetime, count: int) -> None:
        """Let others talk among themselves below a post, some in deep reply chains."""
        said = [(post, at)]
        for _ in range(count):
            # Half answer the last comment, so that chains grow deep; the others answer any.
            above, since = said[-1] if self.rng.random() < 0.5 else self.rng.choice(said)
            person, later = self.someone(0.3), since + self.pause(200, 9000)
            words = self.words(bank()[self.rng.choice(["peer", "peer", "angry"])], person)
            said.append((self.say("comment", later, person, words, on=post, reply_to=above), later))


def _outage(board: Board) -> None:
    """Play the shop owner whose payments fail, and everybody with the same problem."""
    at, person = datetime.combine(OUTAGE_DAY, time(7, 5), UTC), board.someone()
    words = board.words(bank()["outage"]["posts"], person)
    post = board.submit(at, person, OTHERS[1], "Acme Pay down for anybody else?", words)
    board.debate(post, at, UNDER_OUTAGE)
    board.answer_sometimes(person, post, at, post, bank()["outage"]["replies"], ["payments work again"])


def build() -> list[Line]:
    """Return every post and comment, oldest first."""
    board = Board("us", "acme_bank", ACCOUNT, author_of, id_form, dice("reddit"), is_deep=True)
    named_social.reddit_cases(board)
    board.reserve()
    _outage(board)
    for day in DAYS:
        for _ in range(volume_on(day, WEEKDAY_POSTS)):
            person, at, issue = board.someone(), moment_on(day, board.market, board.rng), pick_issue(board.rng)
            found, is_elsewhere = bank()["issues"][issue], board.rng.random() < ELSEWHERE_SHARE
            place = board.rng.choice(OTHERS) if is_elsewhere else OWN
            title = board.words(found["subjects"], person) + (" (Acme Bank)" if is_elsewhere else "")
            post = board.submit(at, person, place, title, board.words(found["bodies"], person))
            board.debate(post, at, board.rng.randrange(5))
            if not is_elsewhere:
                board.answer_sometimes(person, post, at, post, bank()["replies"]["open"], found["fixes"])
        if board.rng.random() < 0.2:
            board.submit(moment_on(day, board.market, board.rng), None, OWN, "From the team",
                         board.rng.choice(bank()["marketing"]))  # fmt: skip
    return board.finished()
