"""Faults of source APIs (catalogue D1): what arrives is complete and single, or the error says what to do."""

import gzip
import json
import re
import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from servers.fake_api import Answer, Asked, FakeApi
from servers.fake_sources import (
    SECRET,
    START,
    WINDOW,
    FakeX,
    FakeZendesk,
    ids,
    post,
    read,
    read_in_attempts,
    request_for,
    ticket,
    x_connection,
    zendesk_connection,
)
from social_crm.errors import (
    ContractBroken,
    CredentialRefused,
    CursorRejected,
    RateLimited,
    SourceUnavailable,
    WarehouseError,
    WindowUnavailable,
)
from social_crm.sources.model import Page, Window
from social_crm.sources.strict_json import DOUBLED
from social_crm.sources.x import X
from social_crm.sources.x_search import open_x
from social_crm.sources.zendesk import ZENDESK

POSTS, TICKETS, COMMENTS = X.resource("posts"), ZENDESK.resource("tickets"), ZENDESK.resource("comments")
PRIVATE = "secret words"


@pytest.fixture
def x_api(fake_api: FakeApi, naps: list[float]) -> FakeApi:
    """Serve 250 posts of the window in pages of 100."""
    fake_api.respond = FakeX([post(number) for number in range(250)])
    return fake_api


def in_ten_years() -> str:
    return str(int((datetime.now(UTC) + timedelta(days=3650)).timestamp()))


def http_date(moment: datetime) -> str:
    return f"{moment:%a, %d %b %Y %T GMT}"


def limited(status: int = 429, body: Any = None, **headers: str) -> Answer:
    return Answer(body or {"title": "Too Many Requests"}, status, {n.replace("_", "-"): v for n, v in headers.items()})


SURVIVED = {
    "1 rate limit with seconds": [limited(retry_after="7")],
    "2 rate limit with a date": [
        limited(retry_after=f"{datetime.now(UTC) + timedelta(seconds=20):%a, %d %b %Y %T GMT}")
    ],
    "2 rate limit with an epoch": [limited(x_rate_limit_reset=str(int(datetime.now(UTC).timestamp()) + 20))],
    "2 rate limit with ISO 8601": [limited(x_ratelimit_reset=(datetime.now(UTC) + timedelta(seconds=20)).isoformat())],
    "3 rate limit without a reset": [limited()],
    "3 rate limit reset in the past": [limited(x_rate_limit_reset="1000000000")],
    "3 negative rate limit": [limited(retry_after="-30")],
    "5 quota as 403": [limited(403, {"error": {"errors": [{"reason": "quotaExceeded"}]}}, retry_after="3")],
    "5 Meta's throttle as 400": [limited(400, {"error": {"code": 4, "message": PRIVATE}}, retry_after="3")],
    "10 burst of 5xx": [None, Answer(PRIVATE, 500), Answer("", 502), Answer("", 503), Answer("", 504)],
    "10 too early": [Answer("", 425), Answer("", 408)],
    "12 a proxy's page once": [Answer("<html><title>Bad gateway</title>", kind="text/html")],
    "14 truncated JSON": [None, Answer('{"data": [{"id": "1", "text": "' + PRIVATE)],
    "14 body cut under its length": [None, Answer({"data": [post(1)]}, cut_after=30)],
    "14 reset in the body": [None, Answer({"data": [post(1)]}, cut_after=30, is_reset=True)],
    "15 body that stalls": [None, Answer({"data": [post(1)]}, stall_seconds=0.8)],
    "15 body that drips": [None, Answer({"data": [post(1)]}, drip_seconds=0.05)],
}


@pytest.mark.parametrize("faults", SURVIVED.values(), ids=SURVIVED)
def test_a_passing_fault_loses_and_doubles_nothing(x_api: FakeApi, faults: list[Answer | None]) -> None:
    x_api.faults.extend(faults)
    assert ids(read(POSTS, x_connection(x_api.url))) == [str(2**60 + number) for number in range(250)]


@pytest.mark.parametrize(
    ("headers", "waited"),
    [({"retry_after": "7"}, 7), ({"retry_after": "-30"}, 1), ({"x_rate_limit_reset": "1000000000"}, 1)],
)
def test_the_wait_is_what_the_source_asks_for_within_reason(
    x_api: FakeApi, naps: list[float], headers: dict[str, str], waited: float
) -> None:
    x_api.faults.append(limited(**headers))
    read(POSTS, x_connection(x_api.url))
    assert naps == [waited]


FATAL = {
    "3 always limited, no reset": (limited(), RateLimited, "rate limited until"),
    "3 reset in ten years": (limited(retry_after=in_ten_years()), RateLimited, "rate limited until"),
    "5 quota as 403": (limited(403, {"reason": "quotaExceeded"}, retry_after="7200"), RateLimited, "rate limited"),
    "5 quota as 403 by the day": (limited(403, {"reason": "dailyLimitExceeded"}), RateLimited, "rate limited"),
    "5 another status that says when": (limited(477, {}, retry_after="7200"), RateLimited, "rate limited"),
    "5 a 403 that says when": (limited(403, {}, retry_after="7200"), RateLimited, "rate limited"),
    "5 a cap of the month": (
        limited(429, {"title": "UsageCapExceeded", "detail": PRIVATE}, x_rate_limit_reset=in_ten_years()),
        RateLimited,
        r"rate limited until \S+Z \(429: UsageCapExceeded\)",
    ),
    "5 a policy of the day": (
        limited(429, {"category": "RATE_LIMITS", "policyName": "DAILY"}),
        RateLimited,
        r"\(429: DAILY, RATE_LIMITS\)",
    ),
    "5 credits used up": (Answer({"title": "CreditsDepleted", "detail": PRIVATE}, 402), ContractBroken, "402: Credits"),
    "7 dead token": (
        Answer({"title": "Unauthorized", "detail": PRIVATE}, 401),
        CredentialRefused,
        "re-authorise source x",
    ),
    "7 expired token": (
        Answer("", 401, {"WWW-Authenticate": 'Bearer error_description="The token expired"'}),
        CredentialRefused,
        "has expired",
    ),
    "7 Bluesky's dead token": (Answer({"error": "ExpiredToken"}, 400), CredentialRefused, "re-authorise source x"),
    "7 Meta's dead token": (Answer({"error": {"code": 190}}, 400), CredentialRefused, "re-authorise source x"),
    "7 no permission": (Answer({"title": "Forbidden"}, 403), CredentialRefused, "may not read"),
    "10 down for good": (Answer(PRIVATE, 503), SourceUnavailable, "answered 503; try again later"),
    "12 login page": (
        Answer(f"<html><title>Sign in</title>{PRIVATE}", kind="text/html"),
        SourceUnavailable,
        "got text/html, 40 bytes, titled 'Sign in'",
    ),
    "14 never whole": (Answer('{"data": ["' + PRIVATE), SourceUnavailable, "not a complete JSON object"),
    "15 never ends": (Answer({"data": []}, drip_seconds=0.2), SourceUnavailable, "no whole answer in 1 s"),
    "29 field renamed": (
        Answer({"posts": [], "meta": {"result_count": 3}}),
        ContractBroken,
        "'data' is missing.*version 2",
    ),
    "29 field removed": (Answer({"data": [{"id": "1"}], "meta": {"result_count": 1}}), ContractBroken, "'created_at'"),
    "29 neither posts nor their number": (Answer({}), ContractBroken, "'meta' is missing"),
    "13 nothing but an error in a 200": (
        Answer({"errors": [{"message": PRIVATE}]}),
        ContractBroken,
        "'meta' is missing",
    ),
    "29 request refused": (Answer({"errors": [{"message": PRIVATE}]}, 422), ContractBroken, r"refused \(422"),
    "64 reason that forges a line": (
        Answer({"title": "Gone\n  next:    pay\x1b[1m\r"}, 410),
        ContractBroken,
        r"refused \(410: Gone\\n  next:    pay\\x1b\[1m\\r\)",
    ),
    "29 version gone": (Answer({"title": "Gone"}, 410), ContractBroken, r"refused \(410: Gone"),
}
RETRIED = (RateLimited, SourceUnavailable)


@pytest.mark.parametrize(("fault", "error", "message"), FATAL.values(), ids=FATAL)
def test_a_lasting_fault_ends_in_an_error_that_says_what_to_do(
    x_api: FakeApi, fault: Answer, error: type[WarehouseError], message: str
) -> None:
    x_api.respond = lambda asked: fault
    with pytest.raises(error, match=message) as caught:
        read(POSTS, x_connection(x_api.url, attempts=3))
    said = "".join(traceback.format_exception(caught.value))
    assert "x.posts 2026-10-27T00:00:00Z/2026-10-28T00:00:00Z" in said
    assert SECRET not in said
    assert PRIVATE not in said
    assert caught.value.is_hopeless is issubclass(error, ContractBroken | CredentialRefused)
    is_long_wait = {"retry-after", "x-rate-limit-reset"} & fault.headers.keys()
    assert len(x_api.asked) == (3 if error in RETRIED and not is_long_wait else 1)


def test_credits_that_are_used_up_are_bought_and_no_module_is_compared(x_api: FakeApi) -> None:
    x_api.respond = lambda asked: Answer({"title": "CreditsDepleted"}, 402)
    with pytest.raises(ContractBroken) as refused:
        read(POSTS, x_connection(x_api.url))
    assert refused.value.next_step.startswith("buy credits")


@pytest.mark.parametrize("body", [{}, [], {"error": PRIVATE}, {"data": None}])
def test_an_answer_of_another_kind_in_mid_window_is_not_taken_for_its_end(x_api: FakeApi, body: Any) -> None:
    x_api.faults.extend([None, Answer(body)])
    with pytest.raises(ContractBroken, match="'meta' is missing"):
        read(POSTS, x_connection(x_api.url))


@pytest.mark.parametrize("body", [{}, {"error": PRIVATE}, {"data": []}])
def test_accounts_that_are_neither_told_nor_missed_are_not_taken_for_none(x_api: FakeApi, body: Any) -> None:
    x_api.respond = lambda asked: Answer(body)
    with pytest.raises(ContractBroken, match="neither 'data' nor 'errors'"):
        read(X.resource("users"), x_connection(x_api.url))


def test_an_absurd_reset_is_cut_to_a_day(x_api: FakeApi) -> None:
    x_api.respond = lambda asked: limited(retry_after=in_ten_years())
    with pytest.raises(RateLimited) as caught:
        read(POSTS, x_connection(x_api.url))
    assert caught.value.resume_at <= datetime.now(UTC) + timedelta(days=1)


def test_waits_in_place_are_bounded_in_sum(x_api: FakeApi, naps: list[float]) -> None:
    x_api.faults.extend([limited(retry_after="50"), None, limited(retry_after="50"), None])
    with pytest.raises(RateLimited):
        read(POSTS, x_connection(x_api.url, total_wait_seconds=60))
    assert naps == [50]


def test_a_limit_hit_in_every_attempt_still_lets_the_window_complete(x_api: FakeApi) -> None:
    served = x_api.respond

    def one_then_limited(asked: Asked) -> Answer:
        return limited(retry_after="900") if len(x_api.asked) % 2 == 0 else served(asked)

    x_api.respond = one_then_limited
    pages, attempts = read_in_attempts(POSTS, x_connection(x_api.url), RateLimited)
    assert ids(pages) == [str(2**60 + number) for number in range(250)]
    assert attempts == 3


def test_comments_complete_where_each_attempt_may_ask_for_only_one_ticket(fake_api: FakeApi) -> None:
    zendesk = FakeZendesk([ticket(n, START + timedelta(minutes=n)) for n in range(1, 6)], comments_each=3)

    def export_and_one_ticket(asked: Asked) -> Answer:
        return limited(retry_after="900") if len(fake_api.asked) % 3 == 0 else zendesk(asked)

    fake_api.respond = export_and_one_ticket
    pages, attempts = read_in_attempts(COMMENTS, zendesk_connection(fake_api.url), RateLimited)
    assert ids(pages) == [str(n * 1000 + c) for n in range(1, 6) for c in range(3)]
    assert attempts == 5


@pytest.mark.parametrize(
    ("refusal", "is_hopeless"),
    [
        (Answer({"title": "Unauthorized"}, 401), False),
        (Answer({"error": "ExpiredToken"}, 400), False),
        (Answer({"title": "Forbidden"}, 403), True),
    ],
)
def test_a_dead_token_in_mid_window_keeps_the_pages_before_it_and_the_next_try_asks_anew(
    x_api: FakeApi, refusal: Answer, is_hopeless: bool
) -> None:
    x_api.faults.extend([None, refusal])
    kept: list[Page] = []
    with pytest.raises(CredentialRefused) as refused:
        kept.extend(POSTS.extract(request_for(x_connection(x_api.url))))
    assert refused.value.is_hopeless is is_hopeless
    assert len(x_api.asked) == 2
    assert len(ids(kept)) == 100
    assert ids(read(POSTS, x_connection(x_api.url), kept[-1].cursor)) == [str(2**60 + n) for n in range(100, 250)]


def test_a_crash_after_the_newest_page_leaves_the_tail_to_the_next_read(x_api: FakeApi) -> None:
    first = next(iter(POSTS.extract(request_for(x_connection(x_api.url)))))
    rest = read(POSTS, x_connection(x_api.url), first.cursor)
    assert ids([first, *rest]) == [str(2**60 + number) for number in range(250)]


@pytest.mark.parametrize(
    "refusal",
    [
        Answer({"errors": [{"parameters": {"next_token": ["t100"]}, "message": "is not valid"}]}, 400),
        Answer({"errors": [{"message": "The `next_token` query parameter value is not valid"}]}, 400),
        Answer("", 502),
    ],
    ids=["by name", "by message", "by failing"],
)
def test_a_saved_token_that_x_no_longer_takes_is_named_so_that_the_window_restarts(
    x_api: FakeApi, refusal: Answer
) -> None:
    cursor = read(POSTS, x_connection(x_api.url))[0].cursor
    x_api.respond = lambda asked: refusal
    with pytest.raises(CursorRejected):
        read(POSTS, x_connection(x_api.url, attempts=2), cursor)


def test_a_token_saved_for_other_accounts_is_not_used(x_api: FakeApi) -> None:
    cursor = read(POSTS, x_connection(x_api.url))[0].cursor
    with pytest.raises(CursorRejected, match="accounts"):
        read(POSTS, x_connection(x_api.url, accounts=["AcmePay"]), cursor)


@pytest.mark.parametrize(
    "answer", [Answer({"error": "InvalidValue"}, 400), Answer("", 502)], ids=["refused", "failing"]
)
def test_a_saved_cursor_that_zendesk_no_longer_takes_is_named(
    fake_api: FakeApi, naps: list[float], answer: Answer
) -> None:
    fake_api.respond = lambda asked: answer
    for resource, cursor in ((TICKETS, "MTA="), (COMMENTS, "MTA=|7"), (ZENDESK.resource("groups"), "MTA=")):
        with pytest.raises(CursorRejected):
            read(resource, zendesk_connection(fake_api.url, attempts=2), cursor)


def test_partial_errors_are_counted_without_their_text_and_the_posts_arrive(x_api: FakeApi) -> None:
    gone = {"resource_type": "tweet", "resource_id": "9", "parameter": "id", "title": "Not Found Error", "type": "about:blank", "detail": PRIVATE, "value": PRIVATE}  # fmt: skip  # noqa: E501
    author = {**gone, "resource_type": "user", "parameter": "author_id"}
    x_api.respond = lambda asked: Answer({"data": [post(1)], "errors": [gone, author], "meta": {"result_count": 1}})
    (page,) = read(POSTS, x_connection(x_api.url))
    assert ids([page]) == [str(2**60 + 1)]
    assert "author" not in page.records[0]
    (rejected,) = page.rejected
    assert (rejected.reason, rejected.position) == ("partial_error", "tweet 9")
    assert PRIVATE not in rejected.content


def test_an_empty_page_in_the_middle_is_not_the_end(x_api: FakeApi) -> None:
    x_api.faults.append(Answer({"meta": {"result_count": 0, "next_token": "t0"}}))
    assert len(ids(read(POSTS, x_connection(x_api.url)))) == 250


def test_an_empty_list_page_in_the_middle_is_not_the_end(fake_api: FakeApi) -> None:
    fake_api.respond = FakeZendesk([ticket(1, START)], comments_each=3)
    fake_api.faults.extend([None, Answer({"comments": [], "meta": {"has_more": True, "after_cursor": "0"}})])
    assert len(ids(read(COMMENTS, zendesk_connection(fake_api.url)))) == 3


def test_pages_smaller_than_asked_for_do_not_stop_the_read(x_api: FakeApi) -> None:
    x_api.respond = FakeX([post(number) for number in range(250)], page_size=20)
    assert len(set(ids(read(POSTS, x_connection(x_api.url))))) == 250


def test_one_connection_serves_a_whole_window_also_compressed(x_api: FakeApi) -> None:
    served = x_api.respond

    def compressed(asked: Asked) -> Answer:
        answer = served(asked)
        return replace(answer, body=gzip.compress(answer.content), headers={"Content-Encoding": "gzip"})

    x_api.respond = compressed
    assert len(set(ids(read(POSTS, x_connection(x_api.url))))) == 250
    assert len(x_api.connections) == 1


def test_a_decompression_bomb_is_refused_before_it_fills_the_memory(x_api: FakeApi) -> None:
    bomb = gzip.compress(bytes(64 * 2**20))
    x_api.respond = lambda asked: Answer(bomb, headers={"Content-Encoding": "gzip"})
    with pytest.raises(ContractBroken, match="more than 1000000 bytes"):
        read(POSTS, x_connection(x_api.url, body_bytes=1_000_000))


def test_bytes_that_are_no_utf_8_and_lone_surrogates_reach_landing(x_api: FakeApi) -> None:
    body = json.dumps({"data": [{**post(1), "text": "?"}], "meta": {"result_count": 1}}).encode()
    x_api.respond = lambda asked: Answer(body.replace(b"?", b"\xff \\ud83d \\u0000"))
    (page,) = read(POSTS, x_connection(x_api.url))
    assert page.records[0]["text"] == "\udcff \ud83d \x00"


def test_a_record_nested_too_deep_for_any_parser_hides_no_other(x_api: FakeApi) -> None:
    body = json.dumps({"data": [post(1), {**post(2), "text": "?"}, post(3)], "meta": {"result_count": 3}})
    x_api.respond = lambda asked: Answer(body.replace('"?"', "[" * 10_000 + "]" * 10_000))
    assert ids(read(POSTS, x_connection(x_api.url))) == [str(2**60 + number) for number in (1, 2, 3)]
    assert len(x_api.asked) == 1


def test_a_key_twice_in_a_record_stays_known_and_holds_back_no_other(x_api: FakeApi) -> None:
    good, bad = json.dumps(post(1)), json.dumps(post(2)).replace('"text"', '"text": "another", "text"')
    author = '{"id": "7", "username": "ann", "username": "bob"}'
    lone = json.dumps({**post(3), "author_id": "8"})
    x_api.respond = lambda asked: Answer(
        f'{{"data": [{good}, {bad}, {lone}], "includes": {{"users": [{author}]}}, "meta": {{"result_count": 3}}}}'
    )
    (page,) = read(POSTS, x_connection(x_api.url))
    assert [repr(record.get(DOUBLED)) for record in page.records] == ["None", "text", "None"]
    assert [repr(record.get("author", {}).get(DOUBLED)) for record in page.records] == ["username", "username", "None"]


def test_a_page_that_has_its_list_twice_is_refused_for_one_would_be_lost(x_api: FakeApi) -> None:
    lists = ", ".join(f'"data": [{json.dumps(post(number))}]' for number in range(2))
    x_api.respond = lambda asked: Answer(f'{{{lists}, "meta": {{"result_count": 2}}}}')
    with pytest.raises(ContractBroken, match=r"page 1 has two values under one key \(data\)"):
        read(POSTS, x_connection(x_api.url))


def test_an_answer_without_pages_that_has_its_list_twice_is_refused_as_well(x_api: FakeApi) -> None:
    x_api.respond = lambda asked: Answer('{"data": [{"id": "1"}], "data": [{"id": "2"}]}')
    with pytest.raises(ContractBroken, match=r"the answer of 2/users/by has two values under one key \(data\)"):
        open_x("users", x_connection(x_api.url), None).fetch("2/users/by")


def test_an_endless_list_trips_the_page_guard(x_api: FakeApi) -> None:
    x_api.respond = lambda asked: Answer({"meta": {"result_count": 0, "next_token": f"t{len(x_api.asked)}"}})
    with pytest.raises(ContractBroken, match="more than 30 pages"):
        read(POSTS, x_connection(x_api.url, pages=30))


@pytest.mark.parametrize("length", [1, 3])
def test_a_cycle_of_tokens_is_a_pagination_loop(x_api: FakeApi, length: int) -> None:
    x_api.respond = lambda asked: Answer({"meta": {"result_count": 0, "next_token": f"t{len(x_api.asked) % length}"}})
    with pytest.raises(ContractBroken, match="pagination loop"):
        read(POSTS, x_connection(x_api.url))
    assert len(x_api.asked) == length + 1


def test_a_cursor_that_stands_still_is_a_pagination_loop(fake_api: FakeApi) -> None:
    page = {"tickets": [ticket(1, START)], "after_cursor": "same", "end_of_stream": False}
    fake_api.respond = lambda asked: Answer(page)
    with pytest.raises(ContractBroken, match="pagination loop"):
        read(TICKETS, zendesk_connection(fake_api.url))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_refused_and_the_credential_stays(x_api: FakeApi, status: int) -> None:
    with FakeApi() as elsewhere:
        x_api.respond = lambda asked: Answer("", status, {"Location": f"{elsewhere.url}/2/tweets/search/recent"})
        with pytest.raises(ContractBroken, match="redirected"):
            read(POSTS, x_connection(x_api.url))
        assert elsewhere.asked == []


def test_links_to_other_hosts_are_never_followed(fake_api: FakeApi) -> None:
    fake_api.respond = FakeZendesk([ticket(1, START)], comments_each=250)
    assert len(set(ids(read(COMMENTS, zendesk_connection(fake_api.url))))) == 250


def test_more_than_a_page_of_tickets_with_one_stamp_all_arrive(fake_api: FakeApi) -> None:
    fake_api.respond = FakeZendesk([ticket(number, START + timedelta(hours=5)) for number in range(2500)])
    assert ids(read(TICKETS, zendesk_connection(fake_api.url))) == [str(number) for number in range(2500)]


def test_only_the_first_request_of_an_export_carries_start_time(fake_api: FakeApi) -> None:
    fake_api.respond = FakeZendesk([ticket(number, START) for number in range(2500)])
    read(TICKETS, zendesk_connection(fake_api.url))
    assert [sorted(set(asked.params) - {"per_page"}) for asked in fake_api.asked] == [
        ["start_time"],
        ["cursor"],
        ["cursor"],
    ]


def test_system_updates_arrive_although_updated_at_stands_still(fake_api: FakeApi) -> None:
    moved = {**ticket(1, START + timedelta(hours=3)), "updated_at": "2025-01-01T00:00:00Z"}
    fake_api.respond = FakeZendesk([moved])
    assert ids(read(TICKETS, zendesk_connection(fake_api.url))) == ["1"]


def test_the_window_of_tickets_is_half_open_and_takes_older_tickets_that_moved_on(fake_api: FakeApi) -> None:
    tickets = [
        ticket(1, START),
        ticket(2, WINDOW.end - timedelta(seconds=1)),
        ticket(3, WINDOW.end, created_at=WINDOW.end),
        ticket(4, WINDOW.end + timedelta(hours=2)),
        ticket(5, WINDOW.end + timedelta(days=1)),
        ticket(6, WINDOW.end + timedelta(days=9)),
    ]
    fake_api.respond = FakeZendesk(tickets, most=2)
    assert ids(read(TICKETS, zendesk_connection(fake_api.url))) == ["1", "2", "4"]
    assert len(fake_api.asked) == 3


@pytest.mark.parametrize(
    ("stamps", "message"), [([2, 1], "not ordered"), ([-9], "ignored start_time")], ids=["unsorted", "filter ignored"]
)
def test_an_export_that_cannot_be_cut_is_refused(fake_api: FakeApi, stamps: list[int], message: str) -> None:
    tickets = [ticket(number, START + timedelta(hours=hours)) for number, hours in enumerate(stamps)]
    fake_api.respond = lambda asked: Answer({"tickets": tickets, "after_cursor": "a", "end_of_stream": True})
    with pytest.raises(ContractBroken, match=message):
        read(TICKETS, zendesk_connection(fake_api.url))


def test_posts_out_of_order_all_arrive(x_api: FakeApi) -> None:
    x_api.respond = FakeX([post(number) for number in reversed(range(250))])
    assert len(set(ids(read(POSTS, x_connection(x_api.url))))) == 250


def test_an_ignored_time_filter_is_noticed(x_api: FakeApi) -> None:
    old = {"data": [post(1, START - timedelta(days=30))], "meta": {"result_count": 1}}
    x_api.respond = lambda asked: Answer(old)
    with pytest.raises(ContractBroken, match="ignored the time filter"):
        read(POSTS, x_connection(x_api.url))


def test_a_window_beyond_the_horizon_is_a_gap_and_what_is_left_of_it_arrives(x_api: FakeApi) -> None:
    horizon, served = START + timedelta(hours=12), x_api.respond
    refusal = Answer({"errors": [{"parameters": {"start_time": ["x"]}, "message": f"Invalid 'start_time':'x'. 'start_time' must be on or after {horizon:%FT%H:%MZ}."}]}, 400)  # fmt: skip  # noqa: E501
    x_api.respond = lambda asked: refusal if asked.params["start_time"] < f"{horizon:%FT%TZ}" else served(asked)
    kept: list[Page] = []
    with pytest.raises(WindowUnavailable, match="no longer serves") as caught:
        kept.extend(POSTS.extract(request_for(x_connection(x_api.url))))
    assert (caught.value.gap_start, caught.value.gap_end) == (START, horizon + timedelta(minutes=1))
    assert len(ids(kept)) == 250
    with pytest.raises(WindowUnavailable) as caught:
        read(POSTS, x_connection(x_api.url), window=Window(START - timedelta(days=9), START - timedelta(days=8)))
    assert caught.value.gap_end == START - timedelta(days=8)


@pytest.mark.parametrize("clock", [WINDOW.end - timedelta(minutes=10), WINDOW.end + timedelta(seconds=5)])
def test_a_window_not_over_by_the_sources_clock_is_not_taken_as_complete(x_api: FakeApi, clock: datetime) -> None:
    served = x_api.respond
    x_api.respond = lambda asked: replace(served(asked), headers={"Date": http_date(clock)})
    with pytest.raises(SourceUnavailable, match="not over at the source"):
        read(POSTS, x_connection(x_api.url))


def test_x_refusing_the_end_of_the_window_is_a_matter_of_time(x_api: FakeApi) -> None:
    x_api.respond = lambda asked: Answer(
        {"errors": [{"parameters": {"end_time": ["x"]}, "message": "10 seconds"}]}, 400
    )
    with pytest.raises(SourceUnavailable, match="not over at X"):
        read(POSTS, x_connection(x_api.url))


def test_a_tickets_page_without_its_list_or_end_is_refused(fake_api: FakeApi) -> None:
    for body in ({"end_of_stream": True, "after_cursor": "a"}, {"tickets": [{"subject": PRIVATE}]}):
        fake_api.respond = lambda asked, body=body: Answer(body)
        with pytest.raises(ContractBroken) as caught:
            read(TICKETS, zendesk_connection(fake_api.url))
        assert not re.search(PRIVATE, "".join(traceback.format_exception(caught.value)))


def test_comments_of_a_ticket_that_is_gone_are_counted_and_the_others_arrive(fake_api: FakeApi) -> None:
    zendesk = FakeZendesk([ticket(n, START) for n in (1, 2)], comments_each=2)
    gone = Answer({"error": "RecordNotFound"}, 404)
    fake_api.respond = lambda asked: gone if "/tickets/1/" in asked.path else zendesk(asked)
    pages = read(COMMENTS, zendesk_connection(fake_api.url))
    assert ids(pages) == ["2000", "2001"]
    assert [rejected.reason for page in pages for rejected in page.rejected] == ["ticket_gone"]
