"""Each fault of the sample server does what its description says, and stops when switched off."""

import asyncio
import time
from typing import Any

import orjson
import pytest

from social_crm.local.sample_api.app import SampleApi
from social_crm.local.sample_api.company import Company

SEARCH = "/2/tweets/search/recent"
EXPORT = "/api/v2/incremental/tickets/cursor.json"
START = 1792972800  # 2026-10-26T00:00:00Z


def ask(get: Any, **params: Any) -> Any:
    return get(SEARCH, query="@AcmeBank", **params)


def test_no_fault_is_on_at_first(get: Any) -> None:
    on = orjson.loads(get("/_sample/faults").body)["on"]
    assert on == {}


@pytest.mark.parametrize(
    ("fault", "status"),
    [("server_error_burst", 503), ("bad_gateway_page", 502), ("expired_token", 401)],
)
def test_a_counted_fault_strikes_so_often_and_no_more(get: Any, post: Any, fault: str, status: int) -> None:
    post("/_sample/faults", {fault: 2})
    assert [ask(get).status for _ in range(3)] == [status, status, 200]


def test_a_fault_without_a_count_lasts_until_switched_off(get: Any, post: Any) -> None:
    post("/_sample/faults", {"expired_token": True})
    assert {ask(get).status for _ in range(5)} == {401}
    post("/_sample/faults", {})
    assert ask(get).status == 200


def test_an_unknown_fault_is_refused(post: Any) -> None:
    assert post("/_sample/faults", {"earthquake": True}).status == 400


def test_only_keeps_other_paths_healthy(get: Any, post: Any) -> None:
    post("/_sample/faults", {"server_error_burst": True, "only": "/api/v2/"})
    assert ask(get).status == 200
    assert get(EXPORT, start_time=START).status == 503


def test_the_rate_limit_ends_when_it_said_it_would(get: Any, post: Any) -> None:
    post("/_sample/faults", {"rate_limit_after_n": 2, "rate_limit_seconds": 1})
    assert [ask(get).status for _ in range(3)] == [200, 200, 429]
    limited = ask(get)
    assert abs(int(limited.headers["x-rate-limit-reset"]) - time.time()) < 3
    time.sleep(1.05)
    assert ask(get).status == 200


@pytest.mark.parametrize(
    ("form", "header"),
    [("seconds", "retry-after"), ("http_date", "retry-after"), ("iso", "retry-after"), ("none", None)],
)
def test_a_rate_limit_names_its_end_in_the_form_asked_for(get: Any, post: Any, form: str, header: str | None) -> None:
    post("/_sample/faults", {"rate_limit_after_n": 0, "rate_limit_form": form})
    answer = get(EXPORT, start_time=START)
    assert answer.status == 429
    assert (header in answer.headers) if header else not answer.headers


def test_html_comes_in_place_of_json(get: Any, post: Any) -> None:
    post("/_sample/faults", {"html_page": 1})
    answer = ask(get)
    assert (answer.status, answer.content_type) == (200, "text/html")
    assert answer.body.startswith(b"<!DOCTYPE")


def test_truncated_json_cannot_be_parsed(get: Any, post: Any) -> None:
    post("/_sample/faults", {"truncated_json": 1})
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(ask(get).body)


def test_partial_errors_name_exactly_the_post_left_out(get: Any, post: Any) -> None:
    whole = {found["id"] for found in orjson.loads(ask(get).body)["data"]}
    post("/_sample/faults", {"partial_errors": True})
    body = orjson.loads(ask(get).body)
    assert whole - {found["id"] for found in body["data"]} == {error["resource_id"] for error in body["errors"]}


def test_beyond_the_horizon_x_says_from_when_it_serves(get: Any, post: Any) -> None:
    post("/_sample/faults", {"x_horizon": True})
    answer = ask(get, start_time="2026-10-26T00:00:00Z")
    assert answer.status == 400
    assert "must be on or after 2026-11-02T00:00Z" in orjson.loads(answer.body)["errors"][0]["message"]
    assert ask(get, start_time="2026-11-02T00:00:00Z").status == 200


def test_a_loop_leads_back_to_its_own_page(get: Any, post: Any) -> None:
    token = orjson.loads(ask(get).body)["meta"]["next_token"]
    post("/_sample/faults", {"pagination_loop": True})
    assert orjson.loads(ask(get, next_token=token).body)["meta"]["next_token"] == token


def test_empty_middle_pages_lose_nothing(get: Any, post: Any) -> None:
    def walk() -> tuple[list[str], int]:
        ids, empty, params = [], 0, {"max_results": 100}
        while True:
            body = orjson.loads(ask(get, **params).body)
            ids += [found["id"] for found in body.get("data", [])]
            empty += "data" not in body
            if "next_token" not in body["meta"]:
                return ids, empty
            params["next_token"] = body["meta"]["next_token"]

    healthy, _ = walk()
    post("/_sample/faults", {"empty_middle_page": True})
    faulty, empty = walk()
    assert faulty == healthy
    assert empty == (len(healthy) - 1) // 100


def test_empty_pages_of_an_export_lose_nothing(get: Any, post: Any, company: Company) -> None:
    post("/_sample/faults", {"empty_middle_page": True})
    ids, empty, params = [], 0, {"start_time": START}
    while True:
        body = orjson.loads(get(EXPORT, per_page=100, **params).body)
        ids += [ticket["id"] for ticket in body["tickets"]]
        empty += not body["tickets"]
        if body["end_of_stream"]:
            break
        params = {"cursor": body["after_cursor"]}
    assert len(ids) == len(set(ids)) == len(company.tickets)
    assert empty == 7


def test_a_rejected_cursor_leaves_first_pages_alone(get: Any, post: Any) -> None:
    token = orjson.loads(ask(get).body)["meta"]["next_token"]
    post("/_sample/faults", {"cursor_rejected": 1})
    assert ask(get).status == 200
    assert ask(get, next_token=token).status == 400
    assert ask(get, next_token=token).status == 200


def test_the_next_page_may_lie_on_another_host(get: Any, post: Any) -> None:
    post("/_sample/faults", {"foreign_next_link": True})
    assert "elsewhere.invalid" in orjson.loads(get(EXPORT, start_time=START).body)["after_url"]


def test_the_newest_minute_can_be_left_out(get: Any, post: Any) -> None:
    post("/_sample/clock", {"now": "2026-11-08T13:00:30Z"})
    open_now = {t["id"] for t in orjson.loads(get(EXPORT, start_time=START).body)["tickets"]}
    post("/_sample/faults", {"zendesk_newest_minute": True})
    settled = {t["id"] for t in orjson.loads(get(EXPORT, start_time=START).body)["tickets"]}
    assert 9004 in open_now - settled


def _send(server: SampleApi) -> list[dict[str, Any]]:
    """Run one search through ASGI and return what was sent."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"authorization", b"Bearer x-secret")]
    scope = {"type": "http", "method": "GET", "path": SEARCH, "query_string": b"query=%40AcmeBank", "headers": headers}
    asyncio.run(server(scope, receive, send))
    return sent


def test_a_slow_body_is_silent_in_the_middle_and_whole_in_the_end(server: SampleApi, post: Any) -> None:
    post("/_sample/faults", {"slow_body": 0.2})
    began = time.perf_counter()
    sent = _send(server)
    assert time.perf_counter() - began >= 0.2
    assert orjson.loads(b"".join(message.get("body", b"") for message in sent))["data"]


def test_a_dropped_connection_gives_less_than_it_promised(server: SampleApi, post: Any) -> None:
    post("/_sample/faults", {"dropped_connection": 1})
    sent = _send(server)
    promised = int(dict(sent[0]["headers"])[b"content-length"])
    assert sum(len(message.get("body", b"")) for message in sent) < promised
