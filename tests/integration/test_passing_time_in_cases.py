"""Days that pass over cases nobody touches: their backlog grows and their resolutions come to have stayed."""

from datetime import timedelta

from star_warehouse import StarWarehouse
from star_world import FIRST_DAY

from social_crm.sources.model import Record


def ticket(number: int, status: str, day: int = 0) -> dict[str, list[Record]]:
    """Make a ticket of the first day with one change of status, there or on a later day."""
    at = f"{FIRST_DAY + timedelta(days=day, hours=10):%FT%TZ}"
    change = {"type": "Change", "field_name": "status", "previous_value": "new", "value": status}
    known = {"id": number, "via": {"channel": "email"}, "created_at": f"{FIRST_DAY + timedelta(hours=9):%FT%TZ}"}
    return {
        "zendesk.tickets": [known | {"status": status, "tags": [], "requester_id": 20, "updated_at": at}],
        "zendesk.audits": [known | {"ticket_id": number, "author_id": 10, "created_at": at, "events": [change]}],
    }  # fmt: skip


def call(day: int) -> Record:
    started = FIRST_DAY + timedelta(days=day, hours=9)
    return {
        "call_id": str(day), "pbx": "pbx-us", "caller_number": "", "started_at": f"{started:%FT%TZ}", "answered_at": "",
        "ended_at": f"{started + timedelta(minutes=4):%FT%TZ}", "disposition": "abandoned", "_file": "f", "_line": 1,
    }  # fmt: skip


def test_a_case_nobody_touches_grows_older_day_by_day(star: StarWarehouse) -> None:
    # The third is solved on a day that is not over for the warehouse when it hears of it.
    records = [ticket(1, "open"), ticket(2, "solved"), ticket(3, "solved", day=2)]
    for table in records[0]:
        star.land(table, [record for tables in records for record in tables[table]])
    star.transform()
    days = "select count(*) from bi.fct_conversation_days where status = 'open' and conversation_id = 'zendesk:1'"
    solved_later = "select count(*) from bi.fct_conversation_days where conversation_id = 'zendesk:3'"
    assert star.one(days) == star.one(solved_later) == 1
    assert star.one("select count(*) from bi.fct_conversation_days") == 2
    stayed = "select count(*) from bi.fct_episodes where outcome = 'resolved' and has_stayed_resolved_7d"
    assert star.one("select count(*) from bi.fct_episodes where outcome = 'resolved'") == 2
    assert star.one(stayed) == 0

    # Ends at midnight after the second day, then after the ninth; what was solved on the first day stayed for seven.
    for day, age, has_stayed in ((1, 2, 0), (8, 9, 1)):
        star.land("phone.calls", [call(day)], day)
        # A transform that dies may have built what the next one must still publish.
        star.transform_killed_after("*")
        star.transform()
        assert (star.one(days), star.one(stayed)) == (age, has_stayed)
        assert star.one(solved_later) == 2
        assert star.one("select max(age_seconds) from bi.fct_conversation_days") == (age * 24 - 9) * 3600
    assert star.differences("marts", "bi") == {}
    star.keep("incremental")
    star.transform(full_refresh=True)
    assert star.differences("incremental", "marts") == {}
