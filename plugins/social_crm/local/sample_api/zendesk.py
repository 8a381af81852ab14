"""Zendesk Support as far as the warehouse reads it: exports by cursor, comments, audits, and lists."""

import base64
import re
from bisect import bisect_left, bisect_right

from social_crm.local.sample_api.company import Clock, Company, Record, epoch, newest_versions
from social_crm.local.sample_api.faults import Faults
from social_crm.local.sample_api.messages import Answer, Call, answer_json
from social_crm.local.sample_api.zendesk_made import ADMINISTRATOR, MadeTickets
from social_crm.local.sample_api.zendesk_wire import (
    write_audits,
    write_comments,
    write_group,
    write_ticket,
    write_user,
)

SETTLING_SECONDS = 60
FOREIGN_HOST = "http://elsewhere.invalid"
_EXPORT = re.compile(r"/api/v2/incremental/(tickets|users)/cursor(?:\.json)?")
_OF_TICKET = re.compile(r"/api/v2/tickets/(\d+)/(comments|audits)(?:\.json)?")
_GROUPS = re.compile(r"/api/v2/groups(?:\.json)?")
_TICKETS = re.compile(r"/api/v2/tickets(?:\.json)?")
_ME = re.compile(r"/api/v2/users/me(?:\.json)?")


class ZendeskApi:
    """Answers like a Zendesk subdomain, for one company and clock."""

    def __init__(
        self, company: Company, clock: Clock, faults: Faults, made: MadeTickets, login: tuple[str, str]
    ) -> None:
        """Keep the story; the visible part is written once per moment of the clock."""
        self._company, self._clock, self._faults, self._made = company, clock, faults, made
        self._email, self._token = login
        self._tickets = {ticket["id"]: ticket for ticket in [*company.tickets, *made.stories]}
        self._exports: dict[tuple[str, str, str], list[tuple[int, int, Record]]] = {}

    def answer(self, call: Call) -> Answer:
        """Answer any call below /api/v2/."""
        if not call.logs_in(f"{self._email}/token", self._token):
            return answer_json({"error": "Couldn't authenticate you"}, 401)
        if _TICKETS.fullmatch(call.path):
            return self._make(call) if call.method == "POST" else self._with_external_id(call)
        if call.method != "GET":
            return answer_json({"error": "MethodNotAllowed"}, 405)
        if match := _EXPORT.fullmatch(call.path):
            return self._export(call, match[1])
        if match := _OF_TICKET.fullmatch(call.path):
            return self._of_ticket(call, int(match[1]), match[2])
        if _GROUPS.fullmatch(call.path):
            return self._list(call, "groups", [write_group(group, call.base_url) for group in self._company.groups])
        if _ME.fullmatch(call.path):
            return answer_json(
                {"user": {"id": ADMINISTRATOR, "name": "Warehouse", "email": self._email, "role": "admin"}}
            )
        return _not_found()

    def _make(self, call: Call) -> Answer:
        story, refusal = self._made.make(call, self._clock.now)
        if story is None:
            return refusal or _not_found()
        self._tickets[story["id"]] = story
        self._exports.clear()
        return answer_json({"ticket": write_ticket(story, self._clock.now, call.base_url)}, 201)

    def _with_external_id(self, call: Call) -> Answer:
        stories = self._made.with_external_id(call.params.get("external_id", ""))
        found = [write_ticket(story, self._clock.now, call.base_url) for story in stories]
        return self._list(call, "tickets", [ticket for ticket in found if ticket])

    def _exported(self, kind: str, base_url: str) -> list[tuple[int, int, Record]]:
        """Return the current contents of an export as (stamp, id, object), in order."""
        key = (kind, self._clock.now, base_url)
        if key not in self._exports:
            self._exports.clear()
            write = self._written_tickets if kind == "tickets" else self._written_users
            self._exports[key] = sorted(write(base_url), key=lambda entry: entry[:2])
        return self._exports[key]

    def _written_tickets(self, base_url: str) -> list[tuple[int, int, Record]]:
        written = (write_ticket(ticket, self._clock.now, base_url) for ticket in self._tickets.values())
        return [(ticket["generated_timestamp"], ticket["id"], ticket) for ticket in written if ticket]

    def _written_users(self, base_url: str) -> list[tuple[int, int, Record]]:
        users = newest_versions(self._company.zendesk_users, self._clock.now)
        return [(epoch(user["from"]), user["id"], write_user(user, base_url)) for user in users]

    def _export(self, call: Call, kind: str) -> Answer:
        size = call.integer("per_page", 1000, 1, 1000)
        entries = self._exported(kind, call.base_url)
        newest = epoch(self._clock.now)
        if self._faults.takes("zendesk_newest_minute"):
            newest -= SETTLING_SECONDS
        end = bisect_right(entries, newest, key=lambda entry: entry[0])
        try:
            start, mark = self._start(call, entries, newest)
        except ValueError as error:
            return answer_json({"error": "InvalidValue", "description": str(error)}, 400)
        if size is None:
            return answer_json({"error": "InvalidValue", "description": "per_page is not between 1 and 1000"}, 400)
        if mark == "" and "cursor" in call.params and self._faults.takes("empty_middle_page"):
            size, mark = 0, "after_empty"
        else:
            mark = ""
        page = entries[start : min(start + size, end)]
        after = _cursor(*page[-1][:2]) if page else _cursor(*self._position(entries, start), mark)
        if self._faults.takes("pagination_loop"):
            after, end = call.params.get("cursor", after), len(entries) + 1
        host = FOREIGN_HOST if self._faults.takes("foreign_next_link") else call.base_url
        body = {
            kind: [entry[2] for entry in page],
            "after_cursor": after,
            "after_url": f"{host}/api/v2/incremental/{kind}/cursor.json?cursor={after}",
            "before_cursor": None,
            "before_url": None,
            "end_of_stream": start + size >= end,
        }
        return answer_json(body)

    def _start(self, call: Call, entries: list[tuple[int, int, Record]], newest: int) -> tuple[int, str]:
        """Return the position at which a page begins, and the cursor's mark."""
        if cursor := call.params.get("cursor"):
            stamp, identifier, mark = _read_cursor(cursor)
            return bisect_right(entries, (stamp, identifier), key=lambda entry: entry[:2]), mark
        start_time = call.params.get("start_time", "")
        if not start_time.isdigit():
            raise ValueError("start_time is required and must be a Unix time")
        if int(start_time) > newest:
            raise ValueError("start_time is too recent")
        return bisect_left(entries, int(start_time), key=lambda entry: entry[0]), ""

    def _position(self, entries: list[tuple[int, int, Record]], start: int) -> tuple[int, int]:
        return entries[start - 1][:2] if 0 < start <= len(entries) else (0, 0)

    def _of_ticket(self, call: Call, identifier: int, kind: str) -> Answer:
        ticket = self._tickets.get(identifier)
        seen = write_ticket(ticket, self._clock.now, call.base_url) if ticket else None
        if ticket is None or seen is None or seen["status"] == "deleted":
            return _not_found()
        write = write_comments if kind == "comments" else write_audits
        return self._list(call, kind, write(ticket, self._clock.now))

    def _list(self, call: Call, kind: str, items: list[Record]) -> Answer:
        """Page a list by cursor if page[size] is given, else by number, as Zendesk does."""
        if "page[size]" not in call.params:
            return self._numbered_list(call, kind, items)
        size = call.integer("page[size]", 100, 1, 100)
        after = call.params.get("page[after]", "")
        try:
            start, _, mark = _read_cursor(after) if after else (0, 0, "")
        except ValueError as error:
            return answer_json({"error": "InvalidPaginationParameter", "description": str(error)}, 400)
        if size is None:
            return answer_json({"error": "InvalidPaginationParameter", "description": "page[size] is above 100"}, 400)
        if after and not mark and self._faults.takes("empty_middle_page"):
            size, mark = 0, "after_empty"
        else:
            mark = ""
        page, has_more = items[start : start + size], start + size < len(items)
        onward = _cursor(start + len(page), 0, mark)
        if self._faults.takes("pagination_loop"):
            onward, has_more = after or onward, True
        host = FOREIGN_HOST if self._faults.takes("foreign_next_link") else call.base_url
        following = f"{host}{call.path}?page[size]={size or 100}&page[after]={onward}"
        meta = {"has_more": has_more, "after_cursor": onward if page or has_more else None, "before_cursor": None}
        return answer_json({kind: page, "meta": meta, "links": {"prev": None, "next": following}})

    def _numbered_list(self, call: Call, kind: str, items: list[Record]) -> Answer:
        number, size = call.integer("page", 1, 1, 100), call.integer("per_page", 100, 1, 100)
        if number is None or size is None:
            return answer_json({"error": "InvalidValue", "description": "page and per_page are 1 to 100"}, 400)
        page = items[(number - 1) * size : number * size]
        following = f"{call.base_url}{call.path}?page={number + 1}" if number * size < len(items) else None
        return answer_json({kind: page, "next_page": following, "previous_page": None, "count": len(items)})


def _not_found() -> Answer:
    return answer_json({"error": "RecordNotFound", "description": "Not found"}, 404)


def _cursor(first: int, second: int, mark: str = "") -> str:
    return base64.urlsafe_b64encode(f"{first}||{second}|{mark}".encode()).decode()


def _read_cursor(cursor: str) -> tuple[int, int, str]:
    """Return the contents of a cursor; raises ValueError for a cursor that we did not issue."""
    try:
        first, rest = base64.urlsafe_b64decode(cursor.encode()).decode().split("||")
        second, mark = rest.split("|")
        return int(first), int(second), mark
    except ValueError:
        raise ValueError("cursor is invalid") from None
