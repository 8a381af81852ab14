"""Seven days of a small company's records, with dependencies between days.

Each day holds what its loads bring: replies whose parents come on another day, edits, renamed handles, corrected calls,
reopened and merged tickets, agents who change, customers whose keys move between them.
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from social_crm.sources.model import Record
from worlds.star_escalations import escalations_of

FIRST_DAY = datetime(2026, 10, 26, tzinfo=UTC)
DAY_COUNT = 7
Days = list[dict[str, list[Record]]]


def build_days(seed: int) -> Days:
    """Return the records of each day by raw table."""
    world = _World(Random(seed))
    for day in range(DAY_COUNT):
        world.threads(day)
        world.tickets(day)
        world.calls(day)
        world.complaints(day)
        world.directory(day)
        world.customers(day)
        world.escalations(day, seed)
    return world.days


class _World:
    """Writes records into days; `self._chance` decides what is late, edited or corrected."""

    def __init__(self, random: Random) -> None:
        self.days: Days = [defaultdict(list) for _ in range(DAY_COUNT)]
        self._random = random
        self._posts = 0
        self._comments = 0

    def _bring(self, day: int, table: str, record: Record) -> None:
        self.days[min(day, DAY_COUNT - 1)][table].append(record)

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _moment(self, day: int) -> datetime:
        return FIRST_DAY + timedelta(days=day, seconds=self._random.randrange(80_000))

    def threads(self, day: int) -> None:
        """Write two trees of posts in which customers, peers and the company answer one another."""
        for _ in range(2):
            moment = self._moment(day)
            tree = self._next_post()
            known = [tree]
            self._post(day, tree, tree, None, self._author(), moment)
            for step in range(1, 7):
                number = self._next_post()
                late = self._random.randrange(3) if self._chance(0.3) else 0
                self._post(
                    day + late, number, tree, self._random.choice(known), self._author(),
                    moment + timedelta(minutes=7 * step),
                )  # fmt: skip
                known.append(number)

    def _author(self) -> int:
        """Pick the company, a frequent author, or one of many who write once or twice."""
        return self._random.choice([1, 1, 21, self._random.randrange(22, 40), self._random.randrange(22, 40)])

    def _next_post(self) -> int:
        self._posts += 1
        return 1000 + self._posts

    def _post(self, day: int, number: int, tree: int, parent: int | None, author: int, moment: datetime) -> None:
        is_ours = author == 1
        # Author 21 is renamed in the middle of the week, to the handle of another customer.
        handle = "AcmeBank" if is_ours else f"h{author if author != 21 or day < 4 else 22}"
        record: Record = {
            "id": str(number),
            "edit_history_tweet_ids": [str(number)],
            "conversation_id": str(tree),
            "author_id": str(author),
            "created_at": _iso(moment),
            "lang": "en",
            "text": f"@AcmeBank post {number}" + (f" ^{self._random.choice(['JM', 'KL', 'BOT'])}" if is_ours else ""),
            "entities": {"mentions": [] if is_ours else [{"username": "AcmeBank"}]},
            "public_metrics": {"like_count": self._random.randrange(9)},
            "author": {
                "id": str(author),
                "username": handle,
                "public_metrics": {"followers_count": 100 * author + day},
            },
        }
        if parent:
            record["referenced_tweets"] = [{"type": "replied_to", "id": str(parent)}]
        self._bring(day, "x.posts", record)
        if self._chance(0.15):
            edit = {"id": f"9{number}", "edit_history_tweet_ids": [str(number), f"9{number}"]}
            text = {"text": f"@AcmeBank edited {number}", "created_at": _iso(moment + timedelta(minutes=3))}
            self._bring(day + 1, "x.posts", record | edit | text)

    def tickets(self, day: int) -> None:
        """Write three tickets with comments and audits, some reopened, merged or deleted on later days."""
        for number in range(3):
            ticket_id, opened = 100 * (day + 1) + number, self._moment(day)
            requester = self._random.choice([20, 21, 22, 23])
            self._ticket(day, ticket_id, requester, "new", opened, opened)
            if self._chance(0.8):
                self._comment(day, ticket_id, requester, opened)
            before = "new"
            for step, (status, later) in enumerate(
                [("open", 0), ("solved", 0), ("open", 1), ("solved", 2), ("closed", 4)]
            ):
                if self._chance(0.3):
                    break
                moment = opened + timedelta(days=later, minutes=20 * (step + 1))
                speaker = requester if status == "open" else self._random.choice([10, 11, -1])
                self._comment(day + later, ticket_id, speaker, moment, is_public=self._chance(0.8))
                self._audit(day + later, ticket_id, speaker, moment, "status", (before, status))
                # Passed on at every second step, not always to somebody who ever writes.
                if step % 2 == ticket_id % 2:
                    holders = (
                        None if step < 2 else str(8 + (ticket_id + step) % 5),
                        str(8 + (ticket_id + step + 1) % 5),
                    )
                    self._audit(day + later, ticket_id, speaker, moment, "assignee_id", holders)
                before = status
                self._ticket(day + later, ticket_id, requester, status, opened, moment)
            if self._chance(0.15):
                self._audit(day + 2, ticket_id, 10, opened + timedelta(days=2), "tags", ([], ["closed_by_merge"]))

    def _ticket(self, day: int, ticket_id: int, requester: int, status: str, opened: datetime, at: datetime) -> None:
        record = {
            "id": ticket_id, "brand_id": 360001, "tags": ["market_sg"], "via": {"channel": "email"}, "status": status,
            "requester_id": requester, "created_at": _iso(opened), "updated_at": _iso(at),
            "generated_timestamp": int(at.timestamp()),
        }  # fmt: skip
        self._bring(day, "zendesk.tickets", record)

    def _comment(self, day: int, ticket_id: int, author: int, at: datetime, is_public: bool = True) -> None:
        self._comments += 1
        record = {
            "id": 5000 + self._comments, "ticket_id": ticket_id, "author_id": author, "public": is_public,
            "via": {"channel": "email"}, "html_body": f"<p>comment {self._comments}</p>", "created_at": _iso(at),
        }  # fmt: skip
        self._bring(day + (1 if self._chance(0.2) else 0), "zendesk.comments", record)

    def _audit(self, day: int, ticket_id: int, author: int, at: datetime, field: str, change: tuple[Any, Any]) -> None:
        self._comments += 1
        event = {"type": "Change", "field_name": field, "previous_value": change[0], "value": change[1]}
        record = {
            "id": 7000 + self._comments, "ticket_id": ticket_id, "author_id": author, "via": {"channel": "web"},
            "events": [event], "created_at": _iso(at),
        }  # fmt: skip
        self._bring(day, "zendesk.audits", record)

    def escalations(self, day: int, seed: int) -> None:
        """Write tickets whose priority and status change, with random numbers of their own."""
        for brought_on, table, record in escalations_of(seed, day, FIRST_DAY):
            self._bring(brought_on, table, record)

    def calls(self, day: int) -> None:
        """Write four calls; a later file may correct the caller, so that a caller disappears."""
        for number in range(4):
            started, is_answered = self._moment(day), self._chance(0.7)
            record: Record = {
                "call_id": f"{day}-{number}", "pbx": "pbx-us", "agent_id": f"a{number}", "queue": "cards",
                "caller_number": f"+121255501{self._random.randrange(10, 40)}", "customer_ref": "",
                "started_at": _iso(started), "ended_at": _iso(started + timedelta(minutes=4)), "csat": "",
                "answered_at": _iso(started + timedelta(seconds=40)) if is_answered else "",
                "resolved": "yes" if self._chance(0.5) else "no", "summary": f"call {day}-{number}",
                "disposition": "answered" if is_answered else "abandoned",
                "_file": _file("calls", day), "_line": number,
            }  # fmt: skip
            self._bring(day, "phone.calls", record)
            if self._chance(0.25):
                corrected = {
                    "caller_number": f"+1212555990{number}",
                    "customer_ref": "R-3",
                    "_file": _file("calls", day + 2),
                }
                self._bring(day + 2, "phone.calls", record | corrected)

    def complaints(self, day: int) -> None:
        """Write two complaints, which a later file may answer."""
        for number in range(2):
            record: Record = {
                "Complaint ID": f"8{day}{number}", "Date received": f"{FIRST_DAY + timedelta(days=day):%Y-%m-%d}",
                "Product": "Mortgage", "Issue": "Billing disputes", "Company": "ACME BANK, N.A.",
                "Submitted via": "Web", "Company response": "In progress", "_line": number,
                "_file": _file("complaints", day),
            }  # fmt: skip
            self._bring(day, "complaints.complaints", record)
            if self._chance(0.6):
                answer = {"Company response": "Closed with explanation", "_file": _file("complaints", day + 1)}
                self._bring(day + 1, "complaints.complaints", record | answer)

    def directory(self, day: int) -> None:
        """Write users who change: an agent leaves and becomes a customer, a customer's e-mail address moves."""
        changed = FIRST_DAY + timedelta(days=day, hours=9)
        for user_id in (10, 11, 20, 21, 22, 23):
            if day and not self._chance(0.3):
                continue
            is_agent = user_id < 20 and not (user_id == 11 and day >= 4)
            user: Record = {
                "id": user_id, "role": "agent" if is_agent else "end-user", "name": f"User {user_id}", "active": True,
                "email": f"mail{self._random.choice([user_id, user_id, 20])}@example.test",
                "verified": self._chance(0.9), "default_group_id": 1 + self._random.randrange(2),
                "created_at": _iso(FIRST_DAY), "updated_at": _iso(changed),
            }  # fmt: skip
            self._bring(day, "zendesk.users", user)
        if day in (0, 3):
            for group_id in (1, 2):
                group = {"id": group_id, "name": f"Team {group_id} of day {day}", "updated_at": _iso(changed)}
                self._bring(day, "zendesk.groups", group | {"created_at": _iso(FIRST_DAY)})

    def customers(self, day: int) -> None:
        """Write CRM customers who share, give up and take over identifiers, and their accounts."""
        changed = FIRST_DAY + timedelta(days=day, hours=12)
        for number in range(20, 32):
            if day and not self._chance(0.35):
                continue
            customer: Record = {
                "id": f"C-{number}", "account_id": f"A-{number % 2}", "external_ref": f"R-{number % 9}",
                "email": f"mail{self._random.choice([number, number, 20, 21])}@example.test",
                "phone": f"+1 (212) 555-01{self._random.randrange(10, 40)}",
                "x_handle": f"@H{self._random.choice([number, number + 4, number + 8])}",
                "market": "sg", "segment": "retail", "tier": self._random.choice(["gold", "basic"]), "status": "active",
                "lifetime_value_usd": "10.50", "created_at": _iso(FIRST_DAY),
                "updated_at": _iso(changed) if self._chance(0.9) else None,
            }  # fmt: skip
            self._bring(day, "crm.customers", customer)
        if day % 3 == 0:
            account = {
                "id": "A-1",
                "name": "One",
                "industry": f"industry {day}",
                "market": "sg",
                "updated_at": _iso(changed),
            }
            self._bring(day, "crm.accounts", account)


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def _file(name: str, day: int) -> str:
    return f"{name}_{FIRST_DAY + timedelta(days=day):%Y-%m-%d}_us.csv"
