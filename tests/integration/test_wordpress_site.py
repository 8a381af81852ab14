"""The connectors of WordPress and of feeds against a real site, and the fake held to what that site answers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
import requests

from harnesses.wordpress import FakeWordPress, comment, post
from servers import wordpress
from servers.fake_api import Asked
from servers.fake_sources import SECRET, ids, read
from servers.wordpress import WordPress
from social_crm.errors import ContractBroken, CredentialRefused, SourceUnavailable
from social_crm.sources import wordpress_reading
from social_crm.sources.feeds import FEEDS
from social_crm.sources.feeds_reading import last_landed
from social_crm.sources.model import Connection, Record, Request, Window
from social_crm.sources.wordpress import WORDPRESS

POSTS, COMMENTS = WORDPRESS.resource("posts"), WORDPRESS.resource("comments")
# The night in which Berlin's clocks show 02:30 twice, an hour apart.
AUTUMN = datetime(2026, 10, 25, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def site() -> Iterator[WordPress]:
    with wordpress.running() as running:
        yield running


@pytest.fixture
def said(site: WordPress) -> "Said":
    return Said(site)


class Said:
    """A post of its own for each test, and what is said below it."""

    def __init__(self, site: WordPress) -> None:
        site.sql("use wordpress; delete from wp_comments; delete from wp_posts")
        self.site, self.texts = site, count(1)
        self.post = site.ask("POST", "wp/v2/posts", title="Fees", content="<p>Lower.</p>", status="publish")["id"]

    def comment(self, at: datetime, text: str = "") -> str:
        """Comment as a guest; WordPress refuses to hear the same words twice."""
        guest = {"author_name": "Ann", "author_email": "ann@else.example"}
        words = text or f"words {next(self.texts)}"
        fields = {"post": self.post, "content": words, "date_gmt": f"{at:%FT%T}", **guest}
        return str(self.site.ask("POST", "wp/v2/comments", **fields)["id"])

    def read(self, window: Window, **options: Any) -> list[Record]:
        pages = read(COMMENTS, self.site.connection(**{"lookback_days": 0, **options}), window=window)
        return [record for page in pages for record in page.records]


def test_both_halves_of_an_autumn_night_are_read_each_in_its_window(said: Said) -> None:
    first, second = said.comment(AUTUMN + HOUR / 2), said.comment(AUTUMN + 1.5 * HOUR)
    local = said.site.ask("GET", "wp/v2/comments", status="any", context="edit")
    assert {one["date"] for one in local} == {"2026-10-25T02:30:00"}
    windows = [Window(AUTUMN, AUTUMN + HOUR), Window(AUTUMN + HOUR, AUTUMN + 2 * HOUR)]
    assert [[str(one["id"]) for one in said.read(window)] for window in windows] == [[first], [second]]


def test_the_filters_alone_would_lose_a_comment_of_that_night(said: Said) -> None:
    said.comment(AUTUMN + 1.5 * HOUR)
    after = f"{AUTUMN + 0.6 * HOUR:%FT%TZ}"
    assert said.site.ask("GET", "wp/v2/comments", status="any", context="edit", after=after) == []


def test_comments_of_one_second_are_read_over_pages_and_a_removed_one_hides_none(
    said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wordpress_reading, "PAGE_SIZE", 4)
    numbers = [said.comment(AUTUMN) for _ in range(10)]
    window = Window(AUTUMN, AUTUMN + HOUR)
    assert set(ids(read(COMMENTS, said.site.connection(), window=window))) == set(numbers)
    pages = COMMENTS.extract(Request(said.site.connection(), window))
    found = ids([next(pages)])
    said.site.ask("DELETE", f"wp/v2/comments/{numbers[0]}", force=True)
    assert set(found + ids(list(pages))) == set(numbers)


def test_what_moderators_do_is_seen(said: Said) -> None:
    noon = AUTUMN + 12 * HOUR
    held, shown, gone, removed = (said.comment(noon, text) for text in ("one", "two", "three", "four"))
    said.site.ask("POST", f"wp/v2/comments/{shown}", status="approved", content="two, edited")
    said.site.ask("DELETE", f"wp/v2/comments/{gone}")
    said.site.ask("DELETE", f"wp/v2/comments/{removed}", force=True)
    old = said.comment(AUTUMN - timedelta(days=300))
    said.site.ask("DELETE", f"wp/v2/comments/{old}")
    found = {
        str(one["id"]): (one["status"], one["content"]["rendered"]) for one in said.read(Window(noon, noon + HOUR))
    }
    assert found == {
        held: ("hold", "<p>one</p>\n"),
        shown: ("approved", "<p>two, edited</p>\n"),
        gone: ("trash", "<p>three</p>\n"),
        old: ("trash", "<p>words 1</p>\n"),
    }


def test_posts_changed_or_moved_to_the_trash_are_read_though_written_long_ago(said: Said) -> None:
    old = {"status": "publish", "date_gmt": "2020-01-01T00:00:00", "content": "words"}
    changed, gone, still = (said.site.ask("POST", "wp/v2/posts", title=title, **old)["id"] for title in "abc")
    said.site.ask("DELETE", f"wp/v2/posts/{gone}")
    said.site.sql(
        "use wordpress; update wp_posts set post_modified = post_date, post_modified_gmt = post_date_gmt;"
        " update wp_posts set post_modified = '2026-10-25 02:30:00', post_modified_gmt = '2026-10-25 00:30:00'"
        f" where id in ({changed}, {gone})"
    )
    pages = read(POSTS, said.site.connection(), window=Window(AUTUMN, AUTUMN + HOUR))
    assert [(one["id"], one["status"]) for page in pages for one in page.records] == [
        (changed, "publish"),
        (gone, "trash"),
    ]
    assert still not in {one["id"] for page in pages for one in page.records}


@pytest.mark.parametrize(
    ("login", "secret", "words"),
    [
        ("editor", "wrong", "wrong or revoked"),
        ("nobody", "wrong", "wrong or revoked"),
        ("reader", "", "may not moderate"),
    ],
)
def test_a_login_that_sees_too_little_is_refused(site: WordPress, login: str, secret: str, words: str) -> None:
    known = site.connection("reader" if login == "reader" else "editor")
    given = replace(known, login=login, secret=secret or known.secret)
    with pytest.raises(CredentialRefused, match=words):
        WORDPRESS.check(given)
    with pytest.raises(CredentialRefused):
        read(COMMENTS, given, window=Window(AUTUMN, AUTUMN + HOUR))
    WORDPRESS.check(site.connection())


def test_a_public_list_answers_a_wrong_password_as_it_does_none(site: WordPress) -> None:
    params = {"rest_route": "/wp/v2/comments"}
    assert requests.get(site.url, params, auth=("editor", "wrong"), timeout=20).status_code == 200


def test_an_address_without_wordpress_is_refused(site: WordPress) -> None:
    with pytest.raises((ContractBroken, SourceUnavailable)):
        WORDPRESS.check(replace(site.connection(), url=f"{site.url}/wp-admin"))


FIELDS = "id,post,parent,author,author_name,author_email,date_gmt,content.rendered,link,status,type"
QUESTIONS: list[dict[str, Any]] = [
    {"status": "any", "offset": 0},
    {"status": "any", "offset": 3},
    {"status": "any", "offset": 50},
    {"status": "trash", "offset": 0},
    {"status": "any", "offset": 0, "after": "2026-07-01T10:00:01Z"},
    {"status": "any", "offset": 0, "before": "2026-07-01T10:00:01Z"},
    {"status": "any", "offset": 0, "modified_after": "2030-01-01T00:00:00Z"},
]


def test_the_fake_answers_as_the_real_site_does(said: Said) -> None:
    # Its clock is an hour or two from GMT, and filters compare with that; away from autumn nights nobody can tell.
    moments = [datetime(2026, 7, 1, 10, 0, second, tzinfo=UTC) for second in (0, 1, 1, 2, 2, 2)]
    numbers = [int(said.comment(at)) for at in moments]
    said.site.ask("DELETE", f"wp/v2/comments/{numbers[-1]}")
    statuses = ["hold"] * 5 + ["trash"]
    known = [comment(number, at, status=status) for number, at, status in zip(numbers, moments, statuses, strict=True)]
    fake = FakeWordPress(comments=known, known=("after", "before"))
    login = {"authorization": requests.auth._basic_auth_str("bot", SECRET)}
    always = {"rest_route": "/wp/v2/comments", "context": "edit", "orderby": "id", "order": "asc", "_fields": FIELDS}
    editor = ("editor", said.site.editor)
    for question in QUESTIONS:
        params = {**always, **question}
        real = requests.get(said.site.url, {**params, "per_page": 4}, auth=editor, timeout=20)
        given = fake(Asked("/", {name: str(value) for name, value in params.items()}, login))
        assert [(one["id"], set(one)) for one in real.json()] == [(one["id"], set(one)) for one in given.body], question
        assert real.headers["X-WP-Total"] == given.headers["X-WP-Total"], question
    assert set(known[0]) <= set(said.site.ask("GET", f"wp/v2/comments/{numbers[0]}", context="edit"))
    assert set(post(1, AUTUMN)) <= set(said.site.ask("GET", f"wp/v2/posts/{said.post}", context="edit"))


@pytest.mark.parametrize("kind", ["rss2", "atom", "rdf"])
def test_a_feed_of_the_site_is_sent_again_when_it_changed(said: Said, kind: str) -> None:
    entries, url = FEEDS.resource("entries"), f"{said.site.url}/?feed={kind}"
    said.site.sql(
        "use wordpress; update wp_posts set post_date = '2026-10-24 12:00:00', post_date_gmt = '2026-10-24 10:00:00',"
        " post_modified = post_date, post_modified_gmt = post_date_gmt"
    )
    given = Connection(said.site.url, options={"feeds": [f"/?feed={kind}"]})
    window = Window(AUTUMN - 14 * HOUR, AUTUMN)
    [page] = entries.extract(Request(given, window))
    [entry] = page.records
    assert (entry["title"], entry["content"].strip()) == ("Fees", "<p>Lower.</p>")
    assert entries.event_at(entry) == "2026-10-24T10:00:00+00:00"
    landed = [page.file] if page.file else []
    etag, modified, _ = last_landed(url, landed)
    headers = {"If-None-Match": etag, "If-Modified-Since": modified}
    assert requests.get(url, headers=headers, timeout=20).status_code == 304
    [unchanged] = entries.extract(Request(given, window, landed_files=landed))
    assert unchanged.records == []
    said.site.ask("POST", "wp/v2/posts", title="News", content="words", status="publish")
    [changed] = entries.extract(Request(given, window, landed_files=landed))
    assert [one["title"] for one in changed.records] == ["News", "Fees"]
    assert entries.key(changed.records[1]) == entries.key(entry)


def test_a_feed_of_comments_is_read(said: Said) -> None:
    number = said.comment(AUTUMN, "Why?")
    said.site.ask("POST", f"wp/v2/comments/{number}", status="approved")
    given = Connection(said.site.url, options={"feeds": ["/?feed=comments-rss2"]})
    [page] = FEEDS.resource("entries").extract(Request(given, Window(AUTUMN, AUTUMN + HOUR)))
    assert [(one["content"].strip(), one["author"]) for one in page.records] == [("<p>Why?</p>", "Ann")]
