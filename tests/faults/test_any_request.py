"""A fault at any one request of any API: all arrives as without it, or an error of ours or a count says otherwise."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from acceptance import Harness, entries
from servers.fake_api import Answer, Asked
from servers.fake_sources import WINDOW
from social_crm.errors import ContractBroken, WarehouseError
from social_crm.sources import SOURCES
from social_crm.sources.model import Page, Request, Source
from social_crm.sources.options import PATIENCE

Spoil = Callable[[Answer], Answer]
COUNT = 5  # two pages
APIS = [source for source in SOURCES if PATIENCE.items() <= source.options.items()]
BARE = ("mastodon", "wordpress")  # an empty list with nothing around it is what they say where nothing is left


@pytest.fixture(params=APIS, ids=lambda source: source.name)
def harness(request: pytest.FixtureRequest, play: Callable[[Source], Harness]) -> Harness:
    harness = play(request.param)
    harness.entries = entries(COUNT)
    harness.publish()
    return harness


def read(harness: Harness) -> list[Page]:
    return list(harness.resource.extract(Request(harness.connection, WINDOW)))


def told(pages: list[Page]) -> list[str]:
    """Return what was read, to be compared."""
    return sorted(json.dumps(record, sort_keys=True) for page in pages for record in page.records)


def is_counted(pages: list[Page]) -> bool:
    return any(page.rejected for page in pages)


def request_count(harness: Harness) -> int:
    """Return how many requests a read takes."""
    before = len(harness.api.asked)
    read(harness)
    return len(harness.api.asked) - before


def spoil(harness: Harness, position: int, how: Spoil) -> None:
    """Let the answer to one request from now on be spoilt, counted from 0."""
    serve, first = harness.api.respond, len(harness.api.asked)

    def respond(asked: Asked) -> Answer:
        is_it = len(harness.api.asked) - 1 == first + position
        return how(serve(asked)) if is_it else serve(asked)

    harness.api.respond = respond


def each_request(harness: Harness, how: Spoil) -> list[tuple[int, list[Page] | WarehouseError]]:
    """Return what becomes of a read with each of its requests spoilt in turn."""
    serve, found = harness.api.respond, list[tuple[int, list[Page] | WarehouseError]]()
    for position in range(request_count(harness)):
        spoil(harness, position, how)
        try:
            found.append((position, read(harness)))
        except WarehouseError as error:
            found.append((position, error))
        harness.api.respond = serve
    return found


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


PASSING: dict[str, Spoil] = {
    "cut": lambda answer: replace(answer, cut_after=len(answer.content) // 2),
    "called packed": lambda answer: replace(answer, headers={**answer.headers, "Content-Encoding": "gzip"}),
    "packed and damaged": lambda answer: replace(
        answer,
        body=gzip.compress(answer.content)[:-8] + bytes(8),
        headers={**answer.headers, "Content-Encoding": "gzip"},
    ),
    "failing": lambda answer: Answer("words", 502),
}
# What a feed is, only its words tell: such an answer is set aside and counted.
OF_JSON: dict[str, Spoil] = {
    "a login page that calls itself JSON": lambda answer: Answer("<html><title>Sign in</title></html>"),
    "nothing": lambda answer: replace(answer, body=b""),
    "half of it, and no more promised": lambda answer: replace(answer, body=half(answer.content)),
}


@pytest.mark.parametrize("fault", [*PASSING, *OF_JSON])
def test_a_passing_fault_at_any_request_loses_and_changes_nothing(harness: Harness, fault: str) -> None:
    expected = told(read(harness))
    for position, pages in each_request(harness, (PASSING | OF_JSON)[fault]):
        assert not isinstance(pages, WarehouseError), f"request {position}: {pages}"
        if harness.source.name == "feeds" and fault in OF_JSON:
            assert is_counted(pages)
        else:
            assert told(pages) == expected, f"request {position}"


@pytest.mark.parametrize("body", [{}, [], {"error": {"code": 1}, "errors": [{"message": "words"}]}])
def test_an_answer_without_what_was_asked_for_is_no_end_and_changes_nothing(harness: Harness, body: Any) -> None:
    if body == [] and harness.source.name in BARE:
        pytest.skip("which is all that it would say of an empty list")
    expected = told(read(harness))
    for position, pages in each_request(harness, lambda answer: Answer(body)):
        is_told = isinstance(pages, WarehouseError) or is_counted(pages) or told(pages) == expected
        assert is_told, f"request {position}"


@pytest.mark.parametrize("odd", [None, "words"])
def test_what_is_no_record_among_records_ends_in_an_error_of_ours(harness: Harness, odd: Any) -> None:
    def with_odd(value: Any) -> Any:
        if isinstance(value, list):
            return [*value, odd] if value and all(isinstance(one, dict) for one in value) else value
        return {name: with_odd(below) for name, below in value.items()} if isinstance(value, dict) else value

    if harness.source.name == "feeds":
        pytest.skip("a feed is one document, and no list")
    found = each_request(harness, lambda answer: replace(answer, body=with_odd(json.loads(answer.content))))
    assert any(isinstance(outcome, ContractBroken) for _, outcome in found)


def test_a_server_that_gives_one_page_for_ever_is_noticed(harness: Harness) -> None:
    if not harness.reads_in_pages:
        pytest.skip("one document, which leads to no other")
    serve, given = harness.api.respond, dict[str, Answer]()

    def stuck(asked: Asked) -> Answer:
        if asked.path not in given:
            given[asked.path] = serve(asked)
        return given[asked.path]

    harness.api.respond = stuck
    with pytest.raises(ContractBroken):
        read(harness)
    assert len(harness.api.asked) < 50
