"""Dumps in XML: what is refused before it can harm, what a cut costs, memory, keys; and a real site's dump."""

import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from xml.sax import parse
from xml.sax.handler import ContentHandler

import pytest

from harnesses.stackexchange import dump
from social_crm.sources.model import Connection, Page, Request, Window
from social_crm.sources.phone import PHONE
from social_crm.sources.stackexchange import STACKEXCHANGE
from worlds.dropped_files import rows_of

POSTS = STACKEXCHANGE.resource("posts")
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures/stackexchange"
WINDOW = Window(datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 6, tzinfo=UTC))
NAME = "posts_money.example.com_2026-10-05.xml"


def question(number: int, **more: str) -> dict[str, str]:
    return {"Id": str(number), "PostTypeId": "1", "CreationDate": "2026-10-05T10:00:00.000", "Body": "<p>?</p>", **more}


def read(folder: Path, content: str | bytes, name: str = NAME) -> list[Page]:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return list(POSTS.extract(Request(Connection(str(folder), options={"settle_seconds": 0}), WINDOW)))


def keys(pages: list[Page]) -> list[str | None]:
    return [POSTS.key(record) for page in pages for record in page.records]


def test_questions_and_answers_are_read_and_a_wiki_is_neither() -> None:
    records = rows_of(POSTS, FIXTURES)
    assert [POSTS.key(record) for record in records] == [f"money.example.com/{number}" for number in (11, 12, 13)]
    assert records[0]["Body"] == "<p>Does Acme Bank charge abroad?</p>\n"
    assert (records[1]["_line"], records[1]["_file"]) == (4, "posts_money.example.com_2026-06-30.xml")


LAYERS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
BOMB = f'<?xml version="1.0"?><!DOCTYPE posts [<!ENTITY e0 "ha">{LAYERS}]><posts><row Id="1" Body="&e8;" /></posts>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE posts SYSTEM "file:///etc/passwd"><posts><row Id="1" Body="" /></posts>'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (BOMB, "declares a document type"),
        (OUTSIDE, "declares a document type"),
        (dump(question(1), question(2))[:-30], "cut off"),
        (dump(question(1))[: -len("</posts>\n")], "cut off"),
        (dump(question(1, Body="a\x00b")), "well-formed"),
        (dump({"Id": "1", "PostId": "9", "VoteTypeId": "2"}), "attributes missing in every row: posttypeid"),
        ("<html><body>Sign in</body></html>", "web page"),
        ('[{"Id": "1"}]', "is JSON"),
    ],
    ids=["bomb", "outside", "cut in a row", "cut between rows", "NUL", "votes", "page", "JSON"],
)
def test_a_file_that_cannot_be_trusted_is_refused_as_a_whole(tmp_path: Path, content: str, words: str) -> None:
    [page] = read(tmp_path, content)
    assert (page.records, page.file) == ([], None)
    [refused] = page.rejected
    assert words in refused.detail
    assert refused.reason == "file_refused"


def test_a_row_without_what_a_post_has_is_set_aside(tmp_path: Path) -> None:
    pages = read(tmp_path, dump(question(1), {"Id": "2", "PostTypeId": "1"}, question(3)))
    assert keys(pages) == ["money.example.com/1", "money.example.com/3"]
    [rejected] = [entry for page in pages for entry in page.rejected]
    assert (rejected.reason, rejected.position) == ("missing_columns", f"{NAME} line 4")


def test_one_number_on_two_sites_is_two_posts_and_on_no_site_none(tmp_path: Path) -> None:
    for name in ("posts_a.example_2026-10-05.xml", "posts_b.example.xml"):
        (tmp_path / name).write_text(dump(question(1, Title=name)))
    assert keys(read(tmp_path, dump(question(1)), "posts.xml")) == [None, "a.example/1", "b.example/1"]


def test_a_long_dump_is_read_in_little_memory(tmp_path: Path) -> None:
    body = "x" * 5_000
    (tmp_path / NAME).write_text(dump(*(question(number, Body=body) for number in range(4_000))))
    request = Request(Connection(str(tmp_path), options={"settle_seconds": 0}), WINDOW)
    tracemalloc.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("social_crm.sources.dropped.extraction.PAGE_ROWS", 50)
        count = sum(len(page.records) for page in POSTS.extract(request))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 4_000
    assert most < 5_000_000 < (tmp_path / NAME).stat().st_size


def test_an_inbox_of_tables_takes_no_xml(tmp_path: Path) -> None:
    (tmp_path / "calls.xml").write_text(dump(question(1)))
    request = Request(Connection(str(tmp_path), options={"settle_seconds": 0}), WINDOW)
    [page] = PHONE.resource("calls").extract(request)
    assert "is XML, often an error page" in page.rejected[0].detail


def test_a_real_dump_is_read_to_its_last_post(shared_data: Path, tmp_path: Path) -> None:
    class Judge(ContentHandler):
        """Python's own reader of XML, all at once."""

        def startElement(self, name: str, attrs: object) -> None:  # noqa: N802
            if name == "row":
                expected.append(dict(attrs.items()))  # type: ignore[attr-defined]

    expected: list[dict[str, str]] = []
    sent = shared_data / "stackexchange/Posts.xml"
    parse(str(sent), Judge())
    pages = read(tmp_path, sent.read_bytes(), "posts_coffee.stackexchange.com_2026-10-05.xml")
    said = [one for one in expected if one["PostTypeId"] in ("1", "2")]
    assert len(expected) == 592
    assert keys(pages) == [f"coffee.stackexchange.com/{one['Id']}" for one in said]
    assert [record["Body"] for page in pages for record in page.records] == [one["Body"] for one in said]
