"""Where connectors of Instagram lose things: replies beyond the first, tags out of order; and Meta's specification."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harnesses.instagram import FakeInstagram, comment, media
from servers.fake_api import Answer, Asked, FakeApi
from servers.fake_graph import refused
from servers.fake_sources import HASTE, SECRET, START, WINDOW, ids, read
from social_crm.errors import ContractBroken, CredentialRefused
from social_crm.sources.instagram import INSTAGRAM
from social_crm.sources.instagram_reading import ACCOUNT, COMMENT_FIELDS, MEDIA_FIELDS
from social_crm.sources.model import Connection, Window

MEDIA, COMMENTS, TAGS = (INSTAGRAM.resource(name) for name in ("media", "comments", "tags"))
NOON = START + timedelta(hours=12)
EVER = Window(datetime(2010, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))


def connection(url: str, **options: Any) -> Connection:
    return Connection(url, secret=SECRET, options={**HASTE, **options})


def onward(path: str) -> dict[str, Any]:
    return {"next": f"https://graph.facebook.com/v23.0/{path}?access_token={SECRET}&limit=2&after=x"}


def test_a_comment_is_read_with_all_of_its_replies_each_saying_what_it_answers(fake_api: FakeApi) -> None:
    first = {"data": [comment("r1", NOON), comment("r2", NOON)], "paging": onward("c1/replies")}
    rest = [comment(f"r{number}", NOON, parent_id="c1") for number in range(3, 8)]
    below = {"m1": [comment("c1", NOON, replies=first), comment("c2", NOON)], "c1": rest}
    fake_api.respond = FakeInstagram([media("m1", NOON)], below=below)
    [page] = read(COMMENTS, connection(fake_api.url))
    assert sorted(ids([page])) == ["c1", "c2", *(f"r{number}" for number in range(1, 8))]
    assert {record.get("parent_id") for record in page.records if record["id"].startswith("r")} == {"c1"}
    assert {(record["media_id"], record["account"]) for record in page.records} == {("m1", "acmebank")}
    assert all("replies" not in record for record in page.records)
    [asked, *_] = [call for call in fake_api.asked if call.path.endswith("/c1/replies")]
    assert asked.params["after"] == "x"
    assert "access_token" not in asked.params


def test_a_comment_deleted_before_its_further_replies_were_read_hides_no_other(fake_api: FakeApi) -> None:
    folded = {"data": [comment("r1", NOON)], "paging": onward("c1/replies")}
    below = {"m1": [comment("c1", NOON, replies=folded), comment("c2", NOON)]}
    fake_api.respond = FakeInstagram([media("m1", NOON)], below=below)
    [page] = read(COMMENTS, connection(fake_api.url))
    assert (sorted(ids([page])), page.rejected) == (["c1", "c2", "r1"], [])


def test_late_comments_below_older_media_are_read_and_none_of_after_the_window(fake_api: FakeApi) -> None:
    replies = {"data": [comment("tomorrow too", WINDOW.end)]}
    said = [comment("c1", NOON, replies=replies), comment("c2", START - timedelta(days=19)), comment("c3", WINDOW.end)]
    old = media("m1", START - timedelta(days=20), comments_count=0)
    fake_api.respond = FakeInstagram([old], below={"m1": said})
    assert sorted(ids(read(COMMENTS, connection(fake_api.url)))) == ["c1", "c2"]
    assert read(COMMENTS, connection(fake_api.url, lookback_days=7))[0].records == []


def test_media_that_are_not_served_are_counted_and_all_of_a_page_is_a_lost_permission(fake_api: FakeApi) -> None:
    both = [media("m1", NOON), media("m2", NOON)]
    fake_api.respond = FakeInstagram(both, below={"m1": [comment("c1", NOON)]})
    [page] = read(COMMENTS, connection(fake_api.url))
    assert (ids([page]), [one.position for one in page.rejected]) == (["c1"], ["m2"])
    fake_api.respond = FakeInstagram(both)
    with pytest.raises(ContractBroken, match="permission"):
        read(COMMENTS, connection(fake_api.url))


def test_tags_are_walked_until_a_page_as_a_whole_is_too_old(fake_api: FakeApi) -> None:
    def tagged(day: int) -> dict[str, Any]:
        return media(f"t{day}", NOON - timedelta(days=day), username="ann")

    # As they were tagged: an old one comes first, and one of tomorrow is not of this window.
    order = [tagged(400), tagged(-1), tagged(0), tagged(500), tagged(20), tagged(40), tagged(41), tagged(42), tagged(43), tagged(3)]  # fmt: skip  # noqa: E501
    server = FakeInstagram()

    def respond(asked: Asked) -> Answer:
        if not asked.path.endswith("/tags"):
            return server(asked)
        first = int(asked.params.get("after", 0))
        return Answer({"data": order[first : first + 3], "paging": {"next": f"https://x/?after={first + 3}"}})

    fake_api.respond = respond
    pages = read(TAGS, connection(fake_api.url))
    assert ids(pages) == ["t0", "t20"]
    assert {record["account"] for page in pages for record in page.records} == {"acmebank"}
    assert len([call for call in fake_api.asked if call.path.endswith("/tags")]) == 3


def test_a_page_without_an_account_and_a_dead_token_are_told_apart(fake_api: FakeApi, naps: list[float]) -> None:
    for answer, error, words in (
        (Answer({"id": "7"}), ContractBroken, "connect a professional one"),
        (refused(190, message="Session has expired on Monday"), CredentialRefused, "has expired"),
        (refused(10), CredentialRefused, "lacks a permission"),
    ):
        fake_api.respond = lambda asked, answer=answer: answer
        for resource in INSTAGRAM.resources:
            with pytest.raises(error, match=words):
                read(resource, connection(fake_api.url))
    assert naps == []


def test_nothing_is_asked_that_the_official_specification_does_not_know(fake_api: FakeApi, shared_data: Path) -> None:
    def specified(name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((shared_data / f"api_specs/facebook_graph/{name}.json").read_text())
        return found

    def names(specification: dict[str, Any]) -> set[str]:
        return {one["name"] for one in specification["fields"]}

    def edges(specification: dict[str, Any]) -> dict[str, str]:
        return {one["endpoint"]: one["return"] for one in specification["apis"] if one["method"] == "GET" and "endpoint" in one}  # fmt: skip  # noqa: E501

    user, post, said = (specified(name) for name in ("IGUser", "IGMedia", "IGComment"))
    assert {(one["name"], one["type"]) for one in specified("Page")["fields"]} >= {(ACCOUNT, "IGUser")}
    assert {*MEDIA_FIELDS.split(",")} <= names(post)
    assert {*COMMENT_FIELDS.replace("{id,username}", "").split(",")} <= names(said)
    assert (edges(user)["media"], edges(user)["tags"]) == ("IGMedia", "IGMedia")
    assert (edges(post)["comments"], edges(said)["replies"]) == ("IGComment", "IGComment")
    [bounded] = [one for one in user["apis"] if one["method"] == "GET" and one.get("endpoint") == "media"]
    assert {one["name"] for one in bounded["params"]} == {"since", "until"}


def test_recorded_media_comments_and_replies_are_read(fake_api: FakeApi, shared_data: Path) -> None:
    folder = shared_data / "api_payloads/facebook_instagram_sns_sdks/instagram"

    def recorded(name: str) -> dict[str, Any]:
        body: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
        return body

    server = FakeInstagram()
    first = {"17841/media": "apidata/users/medias_p1", "tags": "apidata/users/tagged_medias", "comments": "apidata/medias/comments_p1"}  # fmt: skip  # noqa: E501
    second = {"media": "apidata/users/medias_p2", "comments": "apidata/medias/comments_p2"}
    said = recorded("models/ig_comment")

    def respond(asked: Asked) -> Answer:
        name = asked.path.rpartition("/")[2]
        if name == "me":
            return server(asked)
        if "after" in asked.params:
            return Answer(recorded(second[name]))
        if name == "comments" and asked.path.endswith(f"{recorded(first['17841/media'])['data'][0]['id']}/comments"):
            return Answer({"data": [said]})
        return Answer(recorded(first.get(name, first["17841/media"])))

    fake_api.respond = respond
    posts = read(MEDIA, connection(fake_api.url), window=EVER)
    assert [len(page.records) for page in posts] == [2, 2]
    [tagged] = read(TAGS, connection(fake_api.url), window=EVER)
    assert len(tagged.records) == 5
    comments = read(COMMENTS, connection(fake_api.url), window=EVER)
    # One with a reply below the first medium, and two pages of two below each of the three others.
    assert len(ids(comments)) == 2 + 3 * 4
    assert [one["parent_id"] for one in comments[0].records if "parent_id" in one] == [said["id"]]
    for resource, pages in ((MEDIA, posts), (TAGS, [tagged]), (COMMENTS, comments)):
        assert all(resource.event_at(record) and resource.key(record) for page in pages for record in page.records)
