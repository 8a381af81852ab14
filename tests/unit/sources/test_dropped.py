"""Dropped files: what is taken, when, and what a damaged file tells its sender."""

import errno
import gzip
import os
import shutil
import sys
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fsspec import AbstractFileSystem
from fsspec.core import _un_chain

from social_crm.errors import ConnectionUnusable, CredentialRefused, SourceUnavailable, WarehouseError
from social_crm.sources.complaints import COMPLAINTS
from social_crm.sources.dropped import content, extraction
from social_crm.sources.dropped.delimited import MAX_CELL_CHARACTERS
from social_crm.sources.model import Connection, Page, Record, Rejected, Request, Source, Window
from social_crm.sources.phone import ASTERISK, CONTRACT, PHONE
from social_crm.sources.strict_json import DOUBLED

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
MONDAY = Window(datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 6, tzinfo=UTC))
CALLS = FIXTURES / "phone/calls_2026-10-05_pbx-us.csv"
HEADER = ",".join(CONTRACT.required)


def read(source: Source, folder: Path | str, window: Window = MONDAY, **request: object) -> list[Page]:
    """Return the pages of a source's only resource; files count as finished unless the test says otherwise."""
    options = request.pop("options", {"settle_seconds": 0})
    connection = Connection(str(folder), options=options)  # type: ignore[arg-type]
    return list(source.resources[0].extract(Request(connection, window, **request)))  # type: ignore[arg-type]


def records(pages: list[Page]) -> list[Record]:
    return [record for page in pages for record in page.records]


def rejected(pages: list[Page]) -> list[Rejected]:
    return [entry for page in pages for entry in page.rejected]


def call(call_id: str = "1", **cells: str) -> str:
    """Return one row of a call log."""
    row = dict.fromkeys(CONTRACT.required, "") | {"call_id": call_id, "pbx": "pbx-us"} | cells
    return ",".join(row[column] for column in CONTRACT.required)


def log(*rows: str) -> str:
    """Return a call log of these rows."""
    return "\n".join([HEADER, *rows]) + "\n"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def drop(inbox: Path, content: str | bytes, name: str = "calls_2026-10-05_pbx-us.csv") -> Path:
    path = inbox / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_call_log_is_read_as_sent_with_file_and_line(inbox: Path) -> None:
    shutil.copy(CALLS, inbox)
    pages = read(PHONE, inbox)
    calls = records(pages)
    assert [PHONE.resources[0].key(record) for record in calls] == ["pbx-us/0007", "pbx-us/0008", "pbx-us/0009"]
    assert [record["_line"] for record in calls] == [2, 4, 5]
    assert calls[0]["summary"] == "Card blocked, unblocked"
    assert calls[2]["summary"] == 'Said "never again"\nand hung up'
    assert PHONE.resources[0].event_at(calls[0]) == "2026-10-05T09:00:00-04:00"
    assert PHONE.resources[0].version_at(calls[0]) == "2026-10-05T00:00:00Z"
    assert rejected(pages) == []
    name, sha256 = pages[-1].file or ("", "")
    assert (name, len(sha256)) == (CALLS.name, 64)


DAMAGE = {
    "Tweets_excel_resaved_sci_ids.csv": "14640 ids in column tweet_id are in scientific notation",
    "complaints_2023-08_truncated_1MiB.csv": "cut off in the middle of its last record",
    "excel_indian_thousands.csv": "ids in column response_tweet_id have thousands separators",
    "git_lfs_pointer.csv": "Git LFS pointer",
    "spotify_lone_carriage_returns.csv": "lone carriage returns",
}


@pytest.mark.parametrize("source", [PHONE, COMPLAINTS], ids=lambda source: source.name)
def test_each_known_bad_file_is_refused_with_its_damage_and_holds_back_nothing(
    source: Source, inbox: Path, shared_data: Path
) -> None:
    for path in (shared_data / "bad_input").iterdir():
        shutil.copyfile(path, inbox / path.name)
    good = CALLS if source is PHONE else FIXTURES / "complaints/complaints_2023.csv"
    shutil.copy(good, inbox)
    pages = read(source, inbox)
    found = {entry.position: entry for entry in rejected(pages)}
    assert set(found) == set(DAMAGE)
    for name, words in DAMAGE.items():
        assert found[name].reason == "file_refused"
        assert words in found[name].detail
        assert found[name].detail.startswith(f"{name}: ")
    assert {record["_file"] for record in records(pages)} == {good.name}


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "calls.csv", "empty (0 bytes)"),
        (b"<!DOCTYPE html><html>Sign in</html>", "calls.csv", "web page"),
        (b"PK\x03\x04rest", "calls.xlsx", "Excel workbook"),
        (b"\x1f\x8b\x08garbage", "calls.csv.gz", "damaged or cut off"),
        (gzip.compress(b"a,b\n" * 500, mtime=0)[:-9], "calls.csv.gz", "damaged or cut off"),
        (b"a,b\n1,2\n", "calls.csv.gz", "named .gz but is not gzip"),
        (b"call_id,pbx\n1,2\n", "calls.csv", "columns missing: queue, brand"),
        (HEADER.replace("summary", "Sumary").encode(), "calls.csv", "columns missing: summary (is it 'Sumary'?) ("),
        (f"{HEADER}\n{call()}\n12,pbx-us,car".encode(), "calls.csv", "line 3"),
        (f'{HEADER}\n{call()}\n12,"pbx-us'.encode(), "calls.csv", "cut off"),
        (log(call("5.70306E+17")).encode(), "calls.csv", "1 ids in column call_id are in scientific"),
        (log(call(caller_number='"14,155,550"')).encode(), "calls.csv", "caller_number have thousands"),
        (f"{HEADER}\r{call()}\r{call()}\r".encode(), "calls.csv", "lone carriage returns"),
        (f"{HEADER},Call ID\n{call()},9\n".encode(), "calls.csv", "given twice: call_id"),
        (log(call(), "TOTAL,2").encode(), "calls.csv", "promises 2 rows and it holds 1"),
        (log(call(), "TOTAL,²,2").encode(), "calls.csv", "promises 2 rows and it holds 1"),
        (b'[{"call_id": 1}]', "calls.json", "this inbox takes CSV"),
    ],
)
def test_an_unusable_file_is_refused_as_a_whole(content: bytes, name: str, words: str, inbox: Path) -> None:
    drop(inbox, content, name)
    pages = read(PHONE, inbox)
    assert records(pages) == []
    (refusal,) = rejected(pages)
    assert words in refusal.detail
    assert (refusal.reason, refusal.position) == ("file_refused", name)
    assert all(page.file is None for page in pages)


def test_a_record_with_a_misspelt_name_is_told_the_right_one(inbox: Path) -> None:
    (inbox / "transcripts").mkdir()
    drop(inbox, '[{"call_id": 1, "pbx": 1, "turn": 1, "speaker": 1, "said at": 1, "texts": 1}]', "transcripts/a.json")
    request = Request(Connection(str(inbox), options={"settle_seconds": 0}), MONDAY)
    (refusal,) = rejected(list(PHONE.resource("transcripts").extract(request)))
    assert "missing in every record: text (is it 'texts'?)" in refusal.detail


def test_a_file_without_a_header_is_refused_without_a_word_of_its_first_line(inbox: Path) -> None:
    drop(inbox, f"{call(summary='Summery', agent_name='agent_namu')}\n", "calls.csv")
    (refusal,) = rejected(read(PHONE, inbox))
    assert "columns missing: call_id, pbx" in refusal.detail
    assert not [word for word in ("Summery", "agent_namu", "pbx-us") if word in refusal.detail]


def test_a_refusal_quotes_no_cell(inbox: Path) -> None:
    drop(inbox, log(call("5.70306E+17", summary="my secret", caller_number="+4930123")))
    (refusal,) = rejected(read(PHONE, inbox))
    assert not {"my secret", "+4930123", "5.70306E+17"} & set(f"{refusal.detail} {refusal.content}".split())
    assert "secret" not in refusal.detail + refusal.content


def test_a_gzip_bomb_is_refused_before_it_fills_the_disk(inbox: Path) -> None:
    drop(inbox, gzip.compress(b"a" * 5_000_000), "calls.csv.gz")
    (refusal,) = rejected(read(PHONE, inbox, options={"settle_seconds": 0, "max_bytes": 1_000_000}))
    assert "more than 1,000,000 bytes unpacked" in refusal.detail


def test_the_name_of_a_file_forges_no_line_of_a_log(inbox: Path) -> None:
    name = "calls\n  next:    pay\x1b[31m\u202e\udcff.csv"
    (inbox / name).touch()
    (refusal,) = rejected(read(PHONE, inbox))
    assert refusal.detail.startswith(r"calls\n  next:    pay\x1b[31m\u202e\xff.csv: is empty")


def test_a_file_whose_name_is_no_utf_8_is_read_and_known_again(inbox: Path) -> None:
    drop(inbox, log(call()), os.fsdecode(b"calls_2026-10-05_M\xfcnchen.csv"))
    drop(inbox, b"", os.fsdecode(b"calls_2026-10-05_M\xfcnchen.csv.done"))
    [page] = read(PHONE, inbox, options={})
    name = r"calls_2026-10-05_M\xfcnchen.csv"
    assert page.file
    assert (page.file[0], page.records[0]["_file"]) == (name, name)
    assert read(PHONE, inbox, options={}, landed_files=[page.file]) == []


def test_a_worker_without_room_for_a_copy_blames_no_store(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def is_full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    drop(inbox, log(call()))
    monkeypatch.setattr(content.tempfile, "TemporaryFile", is_full)
    with pytest.raises(SourceUnavailable, match="this worker has no room left for a copy"):
        read(PHONE, inbox)


def test_a_pipe_is_not_waited_for(inbox: Path) -> None:
    drop(inbox, log(call()))
    os.mkfifo(inbox / "calls_2026-10-05_pbx-in.csv")
    (inbox / "calls_2026-10-05_pbx-sg.csv").symlink_to(inbox / "calls_2026-10-05_pbx-in.csv")
    assert len(records(read(PHONE, inbox))) == 1


def test_a_link_to_a_file_is_read_as_the_file(inbox: Path, tmp_path: Path) -> None:
    drop(inbox, log(call()))
    [file] = inbox.glob("*.csv")
    file.symlink_to(file.rename(tmp_path / "elsewhere.csv"))
    assert len(records(read(PHONE, inbox))) == 1


def test_a_ragged_row_is_set_aside_with_its_line_number(inbox: Path) -> None:
    drop(inbox, log(call("1"), "", call("2", summary='"two\nlines"'), "3,pbx-us", call("4") + ",x", call("5")))
    pages = read(PHONE, inbox)
    assert [record["call_id"] for record in records(pages)] == ["1", "2", "5"]
    assert [(entry.reason, entry.position.rsplit(" ", 1)[1]) for entry in rejected(pages)] == [
        ("ragged_row", "6"),
        ("ragged_row", "7"),
    ]
    assert rejected(pages)[0].content == "3,pbx-us\n"


@pytest.mark.parametrize("row", ["x," * 100_000, '"' + "x" * 150_000 + '" \udcff'])
def test_of_a_row_without_end_a_part_and_its_fingerprint_are_kept(row: str, inbox: Path) -> None:
    drop(inbox, log(row, call("1")).encode(errors="surrogateescape"))
    pages = read(PHONE, inbox)
    (entry,) = rejected(pages)
    assert 100_000 < len(entry.content) < 100_200
    assert "cut; sha256 of the whole" in entry.content
    assert [record["call_id"] for record in records(pages)] == ["1"]


def test_a_stray_quote_costs_its_own_row_only(inbox: Path) -> None:
    drop(inbox, log(call("1"), call("2", summary='"he said "no"'), call("3"), call("4")))
    pages = read(PHONE, inbox)
    assert [record["call_id"] for record in records(pages)] == ["1", "3", "4"]
    assert [(entry.reason, entry.position[-6:]) for entry in rejected(pages)] == [("malformed_quotes", "line 3")]


def test_a_row_of_a_cell_that_is_too_long_is_not_called_badly_quoted(inbox: Path) -> None:
    drop(inbox, log(call("1"), call("2", summary="w" * (MAX_CELL_CHARACTERS + 1)), call("3")))
    pages = read(PHONE, inbox)
    assert [record["call_id"] for record in records(pages)] == ["1", "3"]
    assert [(entry.reason, entry.position[-6:]) for entry in rejected(pages)] == [("too_large", "line 3")]


def test_a_quote_that_is_never_closed_costs_its_own_row_only(inbox: Path) -> None:
    quoted = call("5", summary='"well, ""closed"""')
    drop(
        inbox, log(call("1"), call("2", summary='"oops'), call("3"), call("4"), quoted, call("6", summary='"and again'))
    )
    pages = read(PHONE, inbox)
    assert [(record["call_id"], record["_line"]) for record in records(pages)] == [
        ("1", 2),
        ("3", 4),
        ("4", 5),
        ("5", 6),
    ]
    assert [(entry.reason, entry.position[-6:]) for entry in rejected(pages)] == [
        ("malformed_quotes", "line 3"),
        ("malformed_quotes", "line 7"),
    ]


def test_rows_that_end_with_extra_commas_or_hold_nothing_are_no_damage(inbox: Path) -> None:
    drop(inbox, f"{HEADER}\n{call('1')},,\n{',' * 15}\n{call('2')}")
    pages = read(PHONE, inbox)
    assert [record["call_id"] for record in records(pages)] == ["1", "2"]
    assert rejected(pages) == []


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_delimiter_is_the_one_under_which_the_columns_appear(delimiter: str, inbox: Path) -> None:
    drop(inbox, log(call("1")).replace(",", delimiter))
    assert [record["call_id"] for record in records(read(PHONE, inbox))] == ["1"]


def test_columns_are_found_by_name_in_any_order_and_kept_as_sent(inbox: Path) -> None:
    headers = ["Extra", *reversed(CONTRACT.required)]
    headers[headers.index("call_id")] = "Call ID"
    cells = ["=1+1" if header == "Extra" else "x" for header in headers]
    drop(inbox, ",".join(headers) + "\n" + ",".join(cells) + "\n")
    (record,) = records(read(PHONE, inbox))
    assert record["Call ID"] == "x"
    assert record["Extra"] == "=1+1"
    assert PHONE.resources[0].key(record) == "x/x"


def test_headers_that_repeat_or_are_blank_hide_no_cell(inbox: Path) -> None:
    drop(inbox, f"{HEADER},note,note,\n{call('1')},a,b,c\n")
    (record,) = records(read(PHONE, inbox))
    assert (record["note"], record["note_18"], record["column_19"]) == ("a", "b", "c")


@pytest.mark.parametrize(
    ("encoded", "name", "flag"),
    [
        ("Zoë 🦊".encode(), "Zoë 🦊", None),
        (b"\xef\xbb\xbf", "", None),
        ("Zo\xeb".encode("cp1252"), "Zoë", "cp1252"),
        # One broken byte among good UTF-8 stays one broken byte; the rest is not read as Windows text.
        ("Zoë ".encode() + b"\xff", "Zoë \udcff", None),
    ],
)
def test_text_is_decoded_without_losing_a_byte(encoded: bytes, name: str, flag: str | None, inbox: Path) -> None:
    bom, cell = (encoded, b"") if encoded == b"\xef\xbb\xbf" else (b"", encoded)
    drop(inbox, bom + f"{HEADER}\n".encode() + call("1", agent_name="@@").encode().replace(b"@@", cell) + b"\n")
    (record,) = records(read(PHONE, inbox))
    assert (record["agent_name"], record.get("_encoding")) == (name, flag)
    assert record["call_id"] == "1"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_utf_16_is_known_by_its_mark(encoding: str, inbox: Path) -> None:
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    drop(inbox, mark + f"{HEADER}\n{call('1', agent_name='Zoë')}\n".encode(encoding))
    assert [record["agent_name"] for record in records(read(PHONE, inbox))] == ["Zoë"]


def test_a_packed_file_is_the_same_content_as_the_plain_one(inbox: Path) -> None:
    plain = drop(inbox, log(call("1")))
    drop(inbox, gzip.compress(plain.read_bytes()), "copy.csv.gz")
    pages = read(PHONE, inbox)
    assert len(records(pages)) == 1
    assert pages[-1].file
    assert read(PHONE, inbox, landed_files=[("calls_2026-10-05_copy.csv", pages[-1].file[1])]) == []


@pytest.mark.parametrize(
    ("landed_as", "rows"),
    [
        (["05 same"], 0),
        (["05 other", "05 same"], 0),
        (["05 same", "05 other"], 1),
        (["03 same"], 1),
        (["03 same", "05 other"], 1),
    ],
)
def test_the_same_content_is_read_again_where_its_day_or_what_came_between_makes_it_news(
    landed_as: list[str], rows: int, inbox: Path
) -> None:
    drop(inbox, log(call("1")))
    _, sha256 = read(PHONE, inbox)[-1].file or ("", "")
    landed = [
        (f"calls_2026-10-{day}_pbx-us.csv", sha256 if content == "same" else "0")
        for day, content in map(str.split, landed_as)
    ]
    assert len(records(read(PHONE, inbox, landed_files=landed))) == rows


def test_a_file_is_left_until_it_has_rested_or_is_marked_done(inbox: Path) -> None:
    path = drop(inbox, log(call("1")))
    assert read(PHONE, inbox, options={}) == []
    (inbox / f"{path.name}.done").touch()
    assert len(records(read(PHONE, inbox, options={}))) == 1
    (inbox / f"{path.name}.done").unlink()
    os.utime(path, (time.time() - 61, time.time() - 61))
    assert len(records(read(PHONE, inbox, options={}))) == 1


def test_a_file_that_changes_while_it_is_read_is_left(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = drop(inbox, log(call("1")))
    copy = extraction.Inbox.copy

    def copy_while_uploading(self: extraction.Inbox, file: extraction.Dropped, max_bytes: int) -> object:
        content = copy(self, file, max_bytes)
        path.write_text(log(call("1"), call("2")))
        return content

    monkeypatch.setattr(extraction.Inbox, "copy", copy_while_uploading)
    assert read(PHONE, inbox) == []


def test_a_late_file_is_taken_and_one_of_a_coming_day_is_left(inbox: Path) -> None:
    for day in ("2026-10-03", "2026-10-05", "2026-10-06"):
        drop(inbox, log(call(day)), f"calls_{day}_pbx-us.csv")
    drop(inbox, log(call("undated")), "calls.csv")
    drop(inbox, log(call("part")), "calls_2026-10-05_pbx-in.csv.part")
    drop(inbox, log(call("hidden")), ".calls_2026-10-05.csv")
    assert [record["call_id"] for record in records(read(PHONE, inbox))] == ["undated", "2026-10-03", "2026-10-05"]
    next_day = Window(MONDAY.end, MONDAY.end + timedelta(days=1))
    assert "2026-10-06" in [record["call_id"] for record in records(read(PHONE, inbox, next_day))]


@pytest.mark.parametrize(
    ("rows", "pages"), [(4, [(2, False), (2, False), (0, True)]), (3, [(2, False), (1, True)]), (0, [(0, True)])]
)
def test_a_large_file_comes_in_pages_and_only_the_last_one_completes_it(
    rows: int, pages: list[tuple[int, bool]], inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extraction, "PAGE_ROWS", 2)
    drop(inbox, log(*(call(str(number)) for number in range(rows))))
    assert [(len(page.records), page.file is not None) for page in read(PHONE, inbox)] == pages


def test_a_folder_that_may_not_be_listed_is_an_error_and_not_an_empty_day(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(inbox, log(call()))

    def refuse(folder: str) -> None:
        raise PermissionError(folder)

    # Root, whom a container's tests may run as, lists what it likes.
    monkeypatch.setattr("fsspec.implementations.local.os.scandir", refuse)
    with pytest.raises(CredentialRefused, match="who may read the folder"):
        read(PHONE, inbox)
    with pytest.raises(CredentialRefused, match="who may read the folder"):
        PHONE.check(Connection(str(inbox)))


def test_a_missing_folder_is_an_error_and_not_an_empty_day(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="no such folder"):
        read(PHONE, tmp_path / "nowhere")
    with pytest.raises(SourceUnavailable, match="no such folder"):
        PHONE.check(Connection(str(tmp_path / "nowhere")))
    PHONE.check(Connection(str(tmp_path)))


@pytest.mark.parametrize("failure", [PermissionError, FileNotFoundError, OSError])
def test_no_message_of_a_store_shows_the_login_in_its_address(
    failure: type[OSError], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "ftp://bob:canary@files.example/drops"
    connection = Connection(url, secret="canary", options={"layouts": {"canary": {}}})

    def refuse(*_: object, **__: object) -> None:
        raise failure(url)

    monkeypatch.setattr("fsspec.url_to_fs", refuse)
    with pytest.raises(WarehouseError, match=r"^ftp://files\.example/drops: ") as caught:
        PHONE.check(connection)
    told = "".join(traceback.format_exception(caught.value, limit=0))
    assert "canary" not in told + repr(connection)
    assert "bob" not in told


@pytest.mark.parametrize(
    ("url", "words"),
    [("nosuch://drops/phone", "no kind of store"), ("gs://drops/phone", "gcsfs.*let something else bring the files")],
)
def test_a_store_that_this_machine_does_not_know_is_no_outage(
    url: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(ConnectionUnusable, match=words):
        PHONE.check(Connection(url, "bob", "canary"))


@pytest.mark.parametrize("url", ["sftp://files.example/drops", "simplecache::ftp://files.example/drops"])
def test_a_server_of_files_is_told_a_user_and_a_password(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    def reach(chain: str, **storage: Any) -> tuple[None, str]:
        (*_, (_, _, told)) = _un_chain(chain, storage)
        given.update(told)
        return None, ""

    monkeypatch.setattr("fsspec.url_to_fs", reach)
    for name in ("fsspec.get_filesystem_class", "fsspec.core.get_filesystem_class"):
        monkeypatch.setattr(name, lambda protocol: AbstractFileSystem)
    extraction.Inbox(Connection(url, "bob", "pw"))
    assert given | {"username": "bob", "password": "pw"} == given
    assert not {"key", "secret"} & given.keys()


@pytest.fixture
def complaints_read() -> Iterator[dict[str, list[Record]]]:
    by_file: dict[str, list[Record]] = {}
    for record in records(read(COMPLAINTS, FIXTURES / "complaints")):
        by_file.setdefault(record["_file"], []).append(record)
    return by_file


def test_every_generation_of_complaints_gives_keys_and_days(complaints_read: dict[str, list[Record]]) -> None:
    (resource,) = COMPLAINTS.resources
    keys = {name: [resource.key(record) for record in rows] for name, rows in complaints_read.items()}
    days = {name: [(resource.event_at(record) or "")[:10] for record in rows] for name, rows in complaints_read.items()}
    assert keys["complaints_2014.csv"] == ["1114245", "1114488"]
    assert keys["complaints_2023.csv"] == ["1114245", "6896026"]
    assert keys["complaints_api.json"] == ["6896026", "7000001"]
    assert days["complaints_2013.csv"] == ["2013-07-29", "2013-07-29", "2013-12-01"]
    assert days["complaints_2014.csv"] == ["2014-11-13", "2014-11-13"]
    assert days["complaints_2023.csv"] == ["2014-11-13", "2023-04-27"]
    assert days["complaints_api.json"] == ["2023-04-27", "2023-05-02"]


def test_equal_rows_without_an_id_are_told_apart_by_count(complaints_read: dict[str, list[Record]]) -> None:
    first, second, third = (COMPLAINTS.resources[0].key(row) for row in complaints_read["complaints_2013.csv"])
    assert first is not None
    assert first.endswith(":1")
    assert second == first[:-1] + "2"
    assert third is not None
    assert third.split(":")[1] != first.split(":")[1]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('[{"expected_category": "Mortgage", "text": "…"}]', "columns missing in every record: date_received"),
        ('[{"complaint_id": "1"', "cut off or not valid JSON (line 1)"),
        ('{"answer": 42}', "holds no list of records"),
        ('[{"score": NaN}]', "not valid JSON"),
        ("[" * 5000, "not valid JSON"),
        ('{"hits": [{"complaint_id": "1"}], "hits": []}', "has one key twice"),
        ('{"hits": {"hits": [{"complaint_id": "1"}], "hits": []}}', "has one key twice"),
        (
            '[{"complaint_id": 5.7e17, "date_received": "", "product": "", "issue": "", "company": "",'
            ' "submitted_via": ""}]',
            "1 ids are rounded numbers",
        ),
    ],
)
def test_unusable_json_is_refused(content: str, words: str, inbox: Path) -> None:
    drop(inbox, content, "complaints.json")
    (refusal,) = rejected(read(COMPLAINTS, inbox))
    assert words in refusal.detail


def test_the_real_sample_without_ids_is_refused(inbox: Path, shared_data: Path) -> None:
    shutil.copyfile(shared_data / "cfpb/cfpb_sample.json", inbox / "cfpb_sample.json")
    (refusal,) = rejected(read(COMPLAINTS, inbox))
    assert "columns missing in every record: date_received, product, issue" in refusal.detail


def test_one_json_record_without_its_columns_is_set_aside(inbox: Path) -> None:
    good = '{"complaint_id": 1, "date_received": "", "product": "", "issue": "", "company": "", "submitted_via": ""}'
    drop(inbox, f'[{good}, {{"complaint_id": 2}}, "text"]', "complaints.json")
    pages = read(COMPLAINTS, inbox)
    assert [COMPLAINTS.resources[0].key(record) for record in records(pages)] == ["1"]
    assert [entry.position for entry in rejected(pages)] == ["complaints.json record 2", "complaints.json record 3"]


def test_of_a_json_record_with_a_key_twice_no_value_is_taken_for_the_other(inbox: Path) -> None:
    good = '"complaint_id": 1, "date_received": "", "product": "", "issue": "", "company": "", "submitted_via": ""'
    sources = [f"{{{good}}}", f'{{{good}, "issue": "Fees"}}', f'1, "_source": {{{good}}}']
    hits = ", ".join(f'{{"_source": {source}}}' for source in sources)
    drop(inbox, f'{{"hits": {{"hits": [{hits}]}}}}', "complaints.json")
    marks = [repr(record.get(DOUBLED)) for record in records(read(COMPLAINTS, inbox))]
    assert marks == ["None", "issue", "_source"]


def test_transcripts_lie_in_a_folder_of_their_own_which_nobody_must_make(inbox: Path) -> None:
    calls, turns = PHONE.resource("calls"), PHONE.resource("transcripts")
    request = Request(Connection(str(inbox), options={"settle_seconds": 0}), MONDAY)
    assert list(turns.extract(request)) == []
    drop(inbox, log(call()))
    (inbox / "transcripts").mkdir()
    lines = "call_id,pbx,turn,speaker,said_at,text\n0007,pbx-us,2,agent,2026-10-05T09:00:25-04:00,Which card?\n"
    drop(inbox / "transcripts", lines)
    drop(inbox / "transcripts", '[{"call_id": "0007", "pbx": "pbx-us", "turn": 3, "speaker": "customer", "said_at": "2026-10-05T09:00:30-04:00", "text": "Both"}]', "turns_2026-10-05.json")  # fmt: skip  # noqa: E501
    said = records(list(turns.extract(request)))
    assert [(turns.key(turn), turns.event_at(turn)) for turn in said] == [
        ("pbx-us/0007/2", "2026-10-05T09:00:25-04:00"),
        ("pbx-us/0007/3", "2026-10-05T09:00:30-04:00"),
    ]
    assert [calls.key(one) for one in records(list(calls.extract(request)))] == ["pbx-us/1"]


def test_a_layout_is_of_the_folder_that_its_pattern_says(inbox: Path) -> None:
    layout = {"columns": {"text": "words", "turn": "n"}, "constants": {"pbx": "pbx-de"}}
    options = {"settle_seconds": 0, "layouts": {"transcripts/asr_*.csv": layout, "*_pbx-de.csv": ASTERISK}}
    (inbox / "transcripts").mkdir()
    drop(inbox / "transcripts", "call_id,n,speaker,said_at,words\n9,1,customer,2026-10-05T09:00:00Z,Hello\n", "asr_1.csv")  # fmt: skip  # noqa: E501
    connection = Connection(str(inbox), options=options)
    PHONE.check(connection)
    [turn] = records(list(PHONE.resource("transcripts").extract(Request(connection, MONDAY))))
    assert (turn["text"], turn["pbx"], turn["turn"]) == ("Hello", "pbx-de", "1")
