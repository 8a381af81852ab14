"""Where readers of feeds lose or double entries: ids, dates, forgetful feeds, broken XML, conditional requests."""

from datetime import timedelta
from pathlib import Path

import pytest

from harnesses.feeds import KIND, item, rss
from servers.fake_api import Answer, Asked, FakeApi
from servers.fake_sources import HASTE, START, WINDOW
from social_crm.errors import ContractBroken, SourceUnavailable, WindowUnavailable
from social_crm.sources.feeds import FEEDS
from social_crm.sources.model import Connection, Page, Record, Request, Window

ENTRIES = FEEDS.resource("entries")
NOON = START + timedelta(hours=12)


def connection(url: str, *feeds: str) -> Connection:
    return Connection(url, options={"feeds": list(feeds or ["/feed"]), **HASTE})


def read(given: Connection, *landed: Page, cursor: str | None = None, window: Window = WINDOW) -> list[Page]:
    files = [page.file for page in landed if page.file]
    return list(ENTRIES.extract(Request(given, window, cursor, files)))


def records(pages: list[Page]) -> list[Record]:
    return [record for page in pages for record in page.records]


def serve(api: FakeApi, *documents: str, **headers: str) -> None:
    """Serve one document after another, the last of them for ever."""
    left = list(documents)
    api.respond = lambda asked: Answer(left.pop(0) if len(left) > 1 else left[0], headers=headers, kind=KIND)


def test_a_feed_that_has_not_changed_is_not_sent_again(fake_api: FakeApi) -> None:
    def respond(asked: Asked) -> Answer:
        is_known = asked.headers.get("if-none-match") == '"v1"' and "if-modified-since" in asked.headers
        headers = {"ETag": '"v1"', "Last-Modified": "Tue, 27 Oct 2026 12:00:00 GMT"}
        return Answer(b"", 304) if is_known else Answer(rss(item("1", NOON)), headers=headers, kind=KIND)

    fake_api.respond = respond
    first = read(connection(fake_api.url))
    assert len(records(first)) == 1
    assert records(read(connection(fake_api.url), *first)) == []
    assert "if-none-match" not in fake_api.asked[0].headers


def test_a_feed_that_did_not_land_is_asked_for_as_a_whole(fake_api: FakeApi) -> None:
    serve(fake_api, rss(item("1", NOON)), ETag='"v1"')
    read(connection(fake_api.url))
    assert len(records(read(connection(fake_api.url)))) == 1
    assert "if-none-match" not in fake_api.asked[1].headers


def test_a_server_that_ignores_conditions_sends_nothing_new(fake_api: FakeApi) -> None:
    serve(fake_api, rss(item("1", NOON)))
    assert records(read(connection(fake_api.url), *read(connection(fake_api.url)))) == []


def test_entries_later_than_the_window_are_taken_too_for_the_next_read_may_find_nothing_new(fake_api: FakeApi) -> None:
    serve(fake_api, rss(item("1", NOON + timedelta(days=3))))
    assert len(records(read(connection(fake_api.url)))) == 1


def test_one_id_in_two_feeds_or_twice_in_one_is_two_entries(fake_api: FakeApi) -> None:
    same = item("https://blog.acme.example", NOON, more="<link>https://blog.acme.example/a</link>")
    twin = item("https://blog.acme.example", NOON, more="<link>https://blog.acme.example/b</link>")
    serve(fake_api, rss(item("1", NOON), same, twin))
    pages = read(connection(fake_api.url, "/feed", "/feed?token=sesame"))
    found = records(pages)
    assert len({ENTRIES.key(one) for one in found}) == len(found) == 6
    assert len({page.file[0] for page in pages if page.file}) == 2
    assert "sesame" not in str(pages)


def test_an_entry_without_id_is_known_by_its_link_or_else_its_words(fake_api: FakeApi) -> None:
    bare = "<item><description>{}</description></item>".format
    linked = "<item><title>{}</title><link>https://blog.acme.example/a</link></item>".format
    serve(fake_api, rss(bare("one"), bare("two"), linked("a")), rss(linked("b"), bare("one"), bare("two")))
    first, second = records(read(connection(fake_api.url))), records(read(connection(fake_api.url)))
    assert {one["entry_key"] for one in first} == {one["entry_key"] for one in second}
    assert len({one["entry_key"] for one in first}) == 3


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("Tue, 27 Oct 2026 07:00:00 -0500", "2026-10-27T12:00:00+00:00"),
        ("Tue, 27 Oct 2026 08:00:00 EDT", "2026-10-27T12:00:00+00:00"),
        ("27 Oct 2026 12:00 GMT", "2026-10-27T12:00:00+00:00"),
        ("2026-10-27T17:30:00+05:30", "2026-10-27T12:00:00+00:00"),
        ("2026-10-27 12:00:00", "2026-10-27T12:00:00+00:00"),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_date_of_any_zone_is_a_moment_and_another_none(fake_api: FakeApi, written: str, moment: str | None) -> None:
    serve(fake_api, rss(item("1", None, more=f"<pubDate>{written}</pubDate>")))
    [record] = records(read(connection(fake_api.url)))
    assert (record["published_at"], record["updated_at"]) == (moment, None)


def test_atom_is_read_with_its_content_and_both_dates(fake_api: FakeApi) -> None:
    entry = (
        "<entry><id>tag:a,1</id><title>Fees</title><published>2026-10-27T10:00:00Z</published>"
        "<updated>2026-10-27T11:00:00Z</updated><author><name>Ann</name></author><summary>short</summary>"
        '<content type="html">&lt;p&gt;long&lt;/p&gt;</content></entry>'
    )
    serve(fake_api, f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>A</title>{entry}</feed>')
    [record] = records(read(connection(fake_api.url)))
    assert (record["content"], record["author"], record["feed_language"]) == ("<p>long</p>", "Ann", "de")
    assert (ENTRIES.event_at(record), ENTRIES.version_at(record)) == (
        "2026-10-27T10:00:00+00:00",
        "2026-10-27T11:00:00+00:00",
    )


def test_a_feed_that_has_forgotten_the_start_of_the_window_is_a_gap(fake_api: FakeApi) -> None:
    serve(fake_api, rss(item("1", NOON)), rss(item("9", NOON + timedelta(hours=3))))
    first = read(connection(fake_api.url))
    with pytest.raises(WindowUnavailable) as gap:
        read(connection(fake_api.url), *first)
    assert (gap.value.gap_start, gap.value.gap_end) == (START, NOON + timedelta(hours=3))


@pytest.mark.parametrize("item_before", [item("8", START - timedelta(days=9)), item("8", None)])
def test_a_feed_that_reaches_back_or_may_do_so_is_no_gap(fake_api: FakeApi, item_before: str) -> None:
    serve(fake_api, rss(item("1", NOON)), rss(item("9", NOON), item_before))
    assert len(records(read(connection(fake_api.url), *read(connection(fake_api.url))))) == 2


LAYERS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 20}">' for n in range(1, 9))
BOMB = f'<!DOCTYPE rss [<!ENTITY e0 "ha">{LAYERS}]>{rss(item("1", NOON, more="<author>&e8;</author>"))[38:]}'


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (rss(item("1", NOON), item("2", NOON))[:-40], "broken_xml"),
        (rss(item("1", NOON)).replace("</title>", "", 1), "broken_xml"),
        (BOMB, "broken_xml"),
        (rss(item("1", NOON, more="<author>&acme;</author>")), "broken_xml"),
        ("<html><body>Sign in</body></html>", "no_feed"),
        ("", "no_feed"),
    ],
    ids=["cut off", "unclosed", "bomb", "unknown name", "page", "empty"],
)
def test_a_broken_document_is_set_aside_and_holds_back_no_other_feed(
    fake_api: FakeApi, document: str, reason: str
) -> None:
    def respond(asked: Asked) -> Answer:
        return Answer(document if asked.path == "/broken" else rss(item("1", NOON)), kind=KIND)

    fake_api.respond = respond
    pages = read(connection(fake_api.url, "/broken", "/feed"))
    assert [one.reason for page in pages for one in page.rejected] == [reason]
    assert len(records(pages)) == 1
    assert [page.file is None for page in pages] == [True, False]


def test_signs_that_html_has_names_for_are_read_and_what_quotes_them_is_not(fake_api: FakeApi) -> None:
    texts = {
        "a&nbsp;b &Eacute;&frac12; &lt;i&gt; &quot;&amp;&apos;": "a\xa0b É½ <i> \"&'",
        "AT&amp;nbsp;T": "AT&nbsp;T",
        "<![CDATA[a&copy;b]]>&copy;": "a&copy;b©",
    }
    serve(fake_api, rss(*(item(str(n), NOON, more=f"<author>{text}</author>") for n, text in enumerate(texts))))
    assert [one["author"] for one in records(read(connection(fake_api.url)))] == list(texts.values())


def test_many_beginnings_of_quotes_take_no_minute(fake_api: FakeApi) -> None:
    serve(fake_api, rss(item("1", NOON)) + "<![CDATA[" * 300_000)
    [page] = read(connection(fake_api.url))
    assert [one.reason for one in page.rejected] == ["broken_xml"]


def test_a_file_of_the_machine_is_no_part_of_a_feed(fake_api: FakeApi) -> None:
    doctype = '<!DOCTYPE rss [<!ENTITY {0} SYSTEM "file:///etc/hostname">]>'
    for name, shown in (("it", (None, "")), ("copy", ("©",))):
        serve(fake_api, doctype.format(name) + rss(item("1", NOON, more=f"<author>&{name};</author>"))[38:])
        assert all(one["author"] in shown for one in records(read(connection(fake_api.url))))


def test_an_answer_that_is_the_path_of_a_file_reads_no_file(fake_api: FakeApi, tmp_path: Path) -> None:
    file = tmp_path / "feed.rss"
    file.write_text(rss(item("1", NOON)))
    serve(fake_api, str(file))
    [page] = read(connection(fake_api.url))
    assert (page.records, len(page.rejected)) == ([], 1)


def test_a_feed_that_fails_is_reported_after_the_others_and_tried_again_first(
    fake_api: FakeApi, naps: list[float]
) -> None:
    is_down = [True]

    def respond(asked: Asked) -> Answer:
        return Answer({}, 503) if asked.path == "/down" and is_down[0] else Answer(rss(item("1", NOON)), kind=KIND)

    fake_api.respond = respond
    given, kept = connection(fake_api.url, "/feed", "/down", "/last"), list[Page]()
    with pytest.raises(SourceUnavailable):
        kept.extend(ENTRIES.extract(Request(given, WINDOW)))
    assert len(records(kept)) == 2
    is_down[0] = False
    again = read(given, *kept, cursor=[page.cursor for page in kept if page.cursor][-1])
    assert [len(page.records) for page in again] == [1, 0]


def test_a_moved_feed_is_named_without_what_it_may_hold_secret(fake_api: FakeApi) -> None:
    fake_api.respond = lambda asked: Answer(b"", 301, {"Location": "http://127.0.0.1:1/feed"})
    with pytest.raises(ContractBroken, match="present address") as moved:
        read(connection(fake_api.url, "/feed?token=sesame"))
    assert "sesame" not in str(moved.value)
