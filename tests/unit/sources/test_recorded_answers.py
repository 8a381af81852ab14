"""Bodies that real servers sent, recorded by other projects, through our connectors over HTTP: compared by ids."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from servers.fake_api import Answer, Asked, FakeApi
from servers.fake_sources import ids, read, x_connection, zendesk_connection
from social_crm.errors import ContractBroken
from social_crm.sources.model import Window
from social_crm.sources.web.rest import Api
from social_crm.sources.x import X
from social_crm.sources.x_protocol import posts_of
from social_crm.sources.zendesk import ZENDESK
from social_crm.sources.zendesk_paging import list_pages
from social_crm.sources.zendesk_reading import open_zendesk

EVER = Window(datetime.fromtimestamp(0, UTC), datetime(2026, 1, 1, tzinfo=UTC))
Chain = list[dict[str, Any]]


def position_in(params: dict[str, list[str]]) -> str:
    return next((params[name][0] for name in ("cursor", "page[after]") if name in params), "")


def size_in(params: dict[str, list[str]]) -> str:
    return next((params[name][0] for name in ("per_page", "page[size]") if name in params), "")


def chains(folder: Path, name: str) -> Iterator[Chain]:
    """Yield each recorded walk through a list or export: first page, and what its cursors led to in that recording."""
    for file in sorted(folder.glob("*.json")):
        recorded = [call for call in json.loads(file.read_text()) if call["method"] == "GET" and call["status"] == 200]
        calls = [(urlsplit(call["uri"]), call["body"]) for call in recorded if isinstance(call["body"], dict)]
        sizes = {
            parse_qs(uri.query).get("per_page", parse_qs(uri.query).get("page[size]", [""]))[0] for uri, _ in calls
        }
        for size in sizes:
            pages = {
                position_in(params): body
                for uri, body in calls
                if uri.path.endswith((f"/incremental/{name}/cursor.json", f"/{name}.json", "/ticket_audits.json"))
                and name in body
                and ("after_cursor" in body or "meta" in body)
                and size_in(params := parse_qs(uri.query)) == size
            }
            if "" in pages:
                yield walk(pages)


def walk(pages: dict[str, dict[str, Any]]) -> Chain:
    chain, position = [], ""
    while position in pages:
        body = pages.pop(position)
        chain.append(body)
        position = body.get("after_cursor") or body["meta"]["after_cursor"] or ""
    return chain


def served(name: str, chain: Chain) -> Any:
    """Serve a chain by its cursors, with an end after the last page that was recorded."""
    end = {name: [], "end_of_stream": True, "after_cursor": "end", "meta": {"has_more": False, "after_cursor": None}}
    positions = [body.get("after_cursor") or body["meta"]["after_cursor"] for body in chain]
    pages = dict(zip(["", *positions], [*chain, end], strict=True))

    def respond(asked: Asked) -> Answer:
        return Answer(pages[asked.params.get("cursor", asked.params.get("page[after]", ""))])

    return respond


@pytest.mark.parametrize(("name", "total"), [("tickets", 1188), ("users", 2101)])
def test_recorded_exports_of_zendesk_are_read_to_their_last_id(
    fake_api: FakeApi, shared_data: Path, name: str, total: int
) -> None:
    read_ids = 0
    for chain in chains(shared_data / "api_payloads/zendesk_zenpy", name):
        if "end_of_stream" not in chain[0]:
            continue
        fake_api.respond = served(name, chain)
        found = ids(read(ZENDESK.resource(name), zendesk_connection(fake_api.url), window=EVER))
        assert found == [str(record["id"]) for body in chain for record in body[name]]
        read_ids += len(found)
    assert read_ids == total


@pytest.mark.parametrize(("name", "total"), [("audits", 202), ("groups", 27)])
def test_recorded_lists_of_zendesk_are_read_to_their_last_id(
    fake_api: FakeApi, shared_data: Path, name: str, total: int
) -> None:
    read_ids = 0
    for chain in chains(shared_data / "api_payloads/zendesk_zenpy", name):
        fake_api.respond = served(name, chain)
        api: Api = open_zendesk(name, zendesk_connection(fake_api.url), EVER)
        found = ids(list(list_pages(api, f"api/v2/{name}.json", name, None)))
        assert found == [str(record["id"]) for body in chain for record in body[name]]
        read_ids += len(found)
    assert read_ids == total


def x_bodies(shared_data: Path) -> dict[str, dict[str, Any]]:
    """Return the recorded answers of X that list posts, by file name, each as a search would give it."""
    files = (shared_data / "api_payloads/x_v2_sns_sdks/apis").glob("**/*.json")
    bodies = {file.name: json.loads(file.read_text()) for file in files if file.parent.name != "dm_events"}
    # Those to a look-up by ids have no pages, so nothing is said of any.
    return {
        name: {"meta": {"result_count": len(body["data"])}, **body}
        for name, body in bodies.items()
        if isinstance(body.get("data"), list) and body["data"] and "text" in body["data"][0]
    }


def test_recorded_posts_of_x_are_read_with_their_authors(fake_api: FakeApi, shared_data: Path) -> None:
    posts = authors = 0
    for body in x_bodies(shared_data).values():
        if not all("created_at" in post for post in body["data"]):
            continue  # recorded without the field that we always ask for
        end = Answer({"meta": {"result_count": 0}})
        fake_api.respond = lambda asked, body=body, end=end: end if "next_token" in asked.params else Answer(body)
        pages = read(X.resource("posts"), x_connection(fake_api.url), window=EVER)
        assert ids(pages) == [post["id"] for post in body["data"]]
        users = {user["id"]: user for user in body.get("includes", {}).get("users", [])}
        for record in pages[0].records:
            assert record.get("author") == users.get(record.get("author_id"))
        posts += len(body["data"])
        authors += sum("author" in record for record in pages[0].records)
    assert (posts, authors) == (65, 40)


def test_posts_recorded_without_created_at_are_parsed_but_refused_as_a_window(
    fake_api: FakeApi, shared_data: Path
) -> None:
    body = x_bodies(shared_data)["tweets_by_space.json"]
    assert [post["author"]["id"] for post in posts_of(body, "x.posts")] == [post["author_id"] for post in body["data"]]
    fake_api.respond = lambda asked: Answer(body)
    with pytest.raises(ContractBroken, match="created_at"):
        read(X.resource("posts"), x_connection(fake_api.url), window=EVER)


def test_recorded_users_of_x_are_read(fake_api: FakeApi, shared_data: Path) -> None:
    body = json.loads((shared_data / "api_payloads/x_v2_sns_sdks/apis/user/users_resp.json").read_text())
    fake_api.respond = lambda asked: Answer(body)
    assert ids(read(X.resource("users"), x_connection(fake_api.url), window=EVER)) == ["783214", "2244994945"]
