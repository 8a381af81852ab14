"""The answer key: the oracle, the cases worked out by hand and the sample server agree about the story."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from social_crm.local.sample_api.app import Credentials, SampleApi
from social_crm.local.sample_api.company import load_company
from social_crm.local.sample_api.messages import Call
from worlds.sample_company import ANSWERS, CASES, PAGE_DAYS, SAMPLE

HANDLES = ("AcmeBank", "AcmeBankIN", "AcmeBankSG", "AcmePay", "AcmePayIN", "AcmePaySG")


@pytest.fixture(scope="module")
def oracle() -> Iterator[Any]:
    """Import the answer key from sample/, which is no package of ours."""
    sys.path.insert(0, str(SAMPLE))
    import answer_key

    yield answer_key
    sys.path.remove(str(SAMPLE))


@pytest.fixture(scope="module")
def first_replies(oracle: Any) -> dict[str, int | None]:
    return oracle.first_reply_of(SAMPLE / "data")  # type: ignore[no-any-return]


def test_the_committed_answers_are_what_the_oracle_finds(oracle: Any) -> None:
    assert oracle.work_out(SAMPLE / "data") == ANSWERS


@pytest.mark.parametrize("name", CASES)
def test_a_case_worked_out_by_hand_is_what_the_oracle_finds(name: str, first_replies: dict[str, int | None]) -> None:
    case = CASES[name]
    assert (case["conversation"] not in first_replies) is case.get("is_absent", False)
    if not case.get("is_absent"):
        assert first_replies[case["conversation"]] == case["first_reply_seconds"]


@pytest.mark.parametrize("name", PAGE_DAYS)
def test_visits_counted_by_hand_are_what_the_oracle_finds(name: str, oracle: Any) -> None:
    from oracle.pages import page_visits

    where, visits = PAGE_DAYS[name]["page_day"], page_visits(SAMPLE / "data")[0]
    found = [n for (day, market, _, page), n in visits.items() if (day, market, page) == tuple(where.values())]
    assert found == [PAGE_DAYS[name]["visits"]]


def _posts_read(server: SampleApi, **window: str) -> set[str]:
    """Return the first ids of all posts that a read of a window meets."""
    query = " OR ".join(f"@{handle} OR from:{handle}" for handle in HANDLES)
    params, first_ids = {"query": f"({query})", "max_results": "100", **window}, set()
    while True:
        body = orjson.loads(
            server.respond(Call("GET", "/2/tweets/search/recent", params, {"authorization": "Bearer t"})).body
        )
        first_ids |= {post["edit_history_tweet_ids"][0] for post in body.get("data", [])}
        if "next_token" not in body["meta"]:
            return first_ids
        params["next_token"] = body["meta"]["next_token"]


def test_the_server_tells_in_the_demos_steps_what_the_oracle_counts(tmp_path: Path, oracle: Any) -> None:
    from oracle.reading import READS

    server = SampleApi(load_company(SAMPLE / "data"), Credentials("t", "e", "z", "n"), tmp_path)
    seen: set[str] = set()
    start = "2026-10-26T00:00:00Z"
    for end, read_at in READS:
        server.clock.set(read_at)
        seen |= _posts_read(server, start_time=start, end_time=end)
        start = end
    assert len(seen) == ANSWERS["interactions"]["by_source"]["x"]
