"""Days that pass over cases nobody touches: their backlog grows and their resolutions come to have stayed."""

from datetime import timedelta

from social_crm.sources.model import Record
from worlds.star_warehouse import StarWarehouse
from worlds.star_world import FIRST_DAY


def ticket(number: int, status: str, hours: int = 10, tags: tuple[str, ...] = ()) -> dict[str, list[Record]]:
    """Make a ticket of the first day with one change of status, some hours after that day began."""
    at = f"{FIRST_DAY + timedelta(hours=hours):%FT%TZ}"
    change = {"type": "Change", "field_name": "status", "previous_value": "new", "value": status}
    known = {"id": number, "via": {"channel": "email"}, "created_at": f"{FIRST_DAY + timedelta(hours=9):%FT%TZ}"}
    return {
        "zendesk.tickets": [known | {"status": status, "tags": [*tags], "requester_id": 20, "updated_at": at}],
        "zendesk.audits": [known | {"ticket_id": number, "author_id": 10, "created_at": at, "events": [change]}],
    }  # fmt: skip


def comment(number: int) -> Record:
    """Make what the customer said when the ticket was opened: a case has the market of its words."""
    said_at = f"{FIRST_DAY + timedelta(hours=9):%FT%TZ}"
    return {
        "id": number, "ticket_id": number, "author_id": 20, "public": True, "via": {"channel": "email"},
        "html_body": "<p>My card is gone.</p>", "created_at": said_at,
    }  # fmt: skip


def call(day: int) -> Record:
    started = FIRST_DAY + timedelta(days=day, hours=9)
    return {
        "call_id": str(day), "pbx": "pbx-us", "caller_number": "", "started_at": f"{started:%FT%TZ}", "answered_at": "",
        "ended_at": f"{started + timedelta(minutes=4):%FT%TZ}", "disposition": "abandoned", "_file": "f", "_line": 1,
    }  # fmt: skip


def test_a_case_nobody_touches_grows_older_day_by_day(star: StarWarehouse) -> None:
    # The third is solved on a day that is not over for the warehouse when it hears of it. The fourth is solved after
    # Singapore's first day, hours before New York's, and nothing tells of it again.
    records = [
        ticket(1, "open"), ticket(2, "solved"), ticket(3, "solved", 58), ticket(4, "solved", 20, ("market_sg",)),
    ]  # fmt: skip
    for table in records[0]:
        star.land(table, [record for tables in records for record in tables[table]])
    star.land("zendesk.comments", [comment(4)])
    star.transform()
    days = "select count(*) from bi.fct_conversation_days where status = 'open' and conversation_id = 'zendesk:1'"
    solved_later = "select count(*) from bi.fct_conversation_days where conversation_id = 'zendesk:3'"
    of_singapore = "select count(*) from bi.fct_conversation_days where conversation_id = 'zendesk:4'"
    # The first day is over in UTC and Singapore, not in New York.
    assert star.one("select count(*) from bi.fct_conversation_days") == 0
    stayed = "select count(*) from bi.fct_episodes where outcome = 'resolved' and has_stayed_resolved_7d"
    assert star.one("select count(*) from bi.fct_episodes where outcome = 'resolved'") == 3
    assert star.one(stayed) == 0

    # Known until midnight after the second day, then after the ninth: the first and the eighth are over everywhere.
    # What was solved on the first day stayed for seven.
    for day, age, later, has_stayed in ((1, 1, 1, 0), (8, 8, 2, 2)):
        star.land("phone.calls", [call(day)], day)
        # A transform that dies may have built what the next one must still publish.
        star.transform_killed_after("*")
        star.transform()
        assert (star.one(days), star.one(stayed)) == (age, has_stayed)
        assert (star.one(solved_later), star.one(of_singapore)) == (later, 1)
        assert star.one("select max(age_seconds) from bi.fct_conversation_days") == (age * 24 - 9) * 3600
    star.assert_refresh_changes_nothing()
