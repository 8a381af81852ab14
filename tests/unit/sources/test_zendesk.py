"""What the Zendesk connector asks for, and what it makes of the answer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from servers.fake_api import Answer, Asked, FakeApi
from servers.fake_sources import SECRET, START, WINDOW, FakeZendesk, ids, read, ticket, zendesk_connection
from social_crm.errors import CredentialRefused, SourceUnavailable, WarehouseError
from social_crm.sources.zendesk import ZENDESK

TICKETS, COMMENTS, USERS = (ZENDESK.resource(name) for name in ("tickets", "comments", "users"))


def test_an_export_resumes_after_any_page(fake_api: FakeApi) -> None:
    fake_api.respond = FakeZendesk([ticket(number, START + timedelta(minutes=number)) for number in range(25)], most=10)
    pages = read(TICKETS, zendesk_connection(fake_api.url))
    assert len(pages) == 3
    assert ids(read(TICKETS, zendesk_connection(fake_api.url), pages[0].cursor)) == [str(n) for n in range(10, 25)]
    assert pages[-1].cursor is None


def test_a_ticket_without_a_stamp_is_read_and_hides_no_other(fake_api: FakeApi) -> None:
    tickets = [ticket(number, START + timedelta(minutes=number)) for number in (1, 2, 3)]
    unstamped = {**tickets[1], "generated_timestamp": None}
    body = {"tickets": [tickets[0], unstamped, tickets[2]], "after_cursor": None, "end_of_stream": True}
    server = FakeZendesk(comments_each=1)
    fake_api.respond = lambda asked: Answer(body) if "incremental" in asked.path else server(asked)
    assert ids(read(TICKETS, zendesk_connection(fake_api.url))) == ["1", "2", "3"]
    assert ids(read(ZENDESK.resource("audits"), zendesk_connection(fake_api.url))) == ["1000", "2000", "3000"]


def test_deleted_tickets_pass_through(fake_api: FakeApi) -> None:
    fake_api.respond = FakeZendesk([{**ticket(1, START), "status": "deleted"}])
    assert read(TICKETS, zendesk_connection(fake_api.url))[0].records[0]["status"] == "deleted"


def test_reading_a_window_again_gives_the_same_tickets_ties_included(fake_api: FakeApi) -> None:
    edge = [ticket(n, WINDOW.end - timedelta(seconds=1)) for n in range(15)]
    fake_api.respond = FakeZendesk(edge, most=10)
    first, second = (ids(read(TICKETS, zendesk_connection(fake_api.url))) for _ in range(2))
    assert first == second == [str(n) for n in range(15)]


def test_users_are_read_to_the_end_of_the_stream(fake_api: FakeApi) -> None:
    later = [ticket(n, START + timedelta(days=n)) for n in range(5)]
    zendesk = FakeZendesk(later, most=2)
    fake_api.respond = zendesk
    assert ids(read(USERS, zendesk_connection(fake_api.url))) == ["0", "1", "2", "3", "4"]


def test_comments_carry_their_ticket_and_audits_keep_it(fake_api: FakeApi) -> None:
    fake_api.respond = FakeZendesk([ticket(7, START)], comments_each=2)
    for name in ("comments", "audits"):
        (page,) = read(ZENDESK.resource(name), zendesk_connection(fake_api.url))
        assert [record["ticket_id"] for record in page.records] == [7, 7]


def test_audits_of_an_archived_ticket_come_in_the_older_form(fake_api: FakeApi) -> None:
    zendesk = FakeZendesk([ticket(7, START), ticket(8, START)], comments_each=2)

    def archived(asked: Asked) -> Answer:
        answer = zendesk(asked)
        if "tickets/7/" not in asked.path:
            return answer
        return replace(answer, body={"audits": answer.body["audits"], "next_page": None, "previous_page": None})

    fake_api.respond = archived
    pages = read(ZENDESK.resource("audits"), zendesk_connection(fake_api.url))
    assert [record["ticket_id"] for page in pages for record in page.records] == [7, 7, 8, 8]


def test_comments_resume_after_the_last_ticket_done_also_on_a_later_page(fake_api: FakeApi) -> None:
    tickets = [ticket(n, START + timedelta(minutes=n)) for n in range(1, 6)]
    fake_api.respond = FakeZendesk(tickets, comments_each=1, most=2)
    pages = read(COMMENTS, zendesk_connection(fake_api.url))
    assert len(pages) == 5
    for done, page in enumerate(pages, 1):
        assert ids(read(COMMENTS, zendesk_connection(fake_api.url), page.cursor)) == ids(pages[done:])


def test_a_ticket_that_is_gone_for_good_is_counted_whatever_the_number_says(fake_api: FakeApi) -> None:
    server = FakeZendesk([ticket(1, START)])
    fake_api.respond = lambda asked: server(asked) if "incremental" in asked.path else Answer({"error": "Gone"}, 410)
    [page] = read(COMMENTS, zendesk_connection(fake_api.url))
    assert [one.reason for one in page.rejected] == ["ticket_gone"]


@pytest.mark.parametrize(("status", "error"), [(500, SourceUnavailable), (403, CredentialRefused)])
def test_a_ticket_that_holds_back_its_window_is_named(
    fake_api: FakeApi, naps: list[float], status: int, error: type[WarehouseError]
) -> None:
    server, failure = FakeZendesk([ticket(6, START), ticket(7, START)], comments_each=1), Answer({}, status)
    fake_api.respond = lambda asked: failure if "tickets/7/" in asked.path else server(asked)
    with pytest.raises(error, match=rf"{status}.*; met at ticket 7$") as caught:
        read(COMMENTS, zendesk_connection(fake_api.url))
    assert "where ticket 7 is named each time" in caught.value.next_step
    assert caught.value.next_step.endswith(f"; else {error.next_step}")


def test_a_ticket_that_moved_on_since_the_cursor_was_saved_hides_no_other(fake_api: FakeApi) -> None:
    fake_api.respond = FakeZendesk([ticket(n, START) for n in (1, 2, 5, 3)], comments_each=1, most=2)
    pages = read(COMMENTS, zendesk_connection(fake_api.url), "|3")
    assert [record["ticket_id"] for page in pages for record in page.records] == [1, 2, 5, 3]


def test_the_newest_minute_is_waited_for(fake_api: FakeApi) -> None:
    zendesk = FakeZendesk([ticket(1, START)])
    clock = WINDOW.end + timedelta(seconds=30)

    def by_its_clock(asked: Asked) -> Answer:
        return replace(zendesk(asked), headers={"Date": f"{clock:%a, %d %b %Y %T GMT}"})

    fake_api.respond = by_its_clock
    with pytest.raises(SourceUnavailable, match="60 s after its end"):
        read(TICKETS, zendesk_connection(fake_api.url))


@pytest.mark.parametrize(
    "answer",
    [Answer({"error": "Couldn't authenticate you"}, 401), Answer({"user": {"id": None, "name": "Anonymous user"}})],
)
def test_the_check_notices_a_token_that_zendesk_does_not_take(fake_api: FakeApi, answer: Answer) -> None:
    fake_api.respond = lambda asked: answer
    with pytest.raises(CredentialRefused, match="re-authorise source zendesk") as caught:
        ZENDESK.check(zendesk_connection(fake_api.url))
    assert SECRET not in str(caught.value)


def test_the_check_of_a_missing_token_asks_nothing(fake_api: FakeApi) -> None:
    with pytest.raises(CredentialRefused, match="holds no secret"):
        ZENDESK.check(replace(zendesk_connection(fake_api.url), secret=""))
    assert fake_api.asked == []
