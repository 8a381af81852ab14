"""Files of other vendors: what a connection says of them, and the hour that comes twice."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from social_crm.errors import ContractBroken
from social_crm.sources.model import Connection, Page, Record, Request, Window
from social_crm.sources.phone import ASTERISK, PHONE

CALLS = PHONE.resource("calls")
AUTUMN = Window(datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC))
HEADERS = "accountcode,src,dst,dcontext,clid,channel,dstchannel,lastapp,lastdata,start,answer,end,duration,billsec,disposition,amaflags,uniqueid,userfield"  # noqa: E501


def log(*calls: dict[str, str]) -> str:
    """Return a log as Asterisk writes it."""
    rows = [",".join(f'"{call.get(header, "")}"' for header in HEADERS.split(",")) for call in calls]
    return "\n".join([HEADERS, *rows]) + "\n"


def read(folder: Path, layouts: dict[str, Any]) -> list[Page]:
    options = {"settle_seconds": 0, "layouts": layouts}
    return list(CALLS.extract(Request(Connection(str(folder), options=options), AUTUMN)))


def records(pages: list[Page]) -> list[Record]:
    return [record for page in pages for record in page.records]


def test_another_vendors_log_is_read_under_our_names_and_kept_as_sent(tmp_path: Path) -> None:
    sent = {"uniqueid": "1761.7", "src": "+493012345", "dst": "cards", "start": "2026-10-24 09:00:00",
            "answer": "", "end": "2026-10-24 09:00:40", "disposition": "NO ANSWER"}  # fmt: skip
    (tmp_path / "Master_2026-10-24_pbx-de.csv").write_text(log(sent))
    [call] = records(read(tmp_path, {"*_pbx-de.csv": ASTERISK}))
    assert CALLS.key(call) == "pbx-de/1761.7"
    assert CALLS.event_at(call) == "2026-10-24T09:00:00+02:00"
    assert (call["ended_at"], call["answered_at"]) == ("2026-10-24T09:00:40+02:00", "")
    assert (call["disposition"], call["_sent_disposition"], call["queue"]) == ("abandoned", "NO ANSWER", "cards")
    assert sent.items() <= {**call, "disposition": call["_sent_disposition"]}.items()


def test_both_vendors_may_share_a_folder_and_a_number(tmp_path: Path) -> None:
    for pbx in ("pbx-de", "pbx-at"):
        (tmp_path / f"Master_2026-10-24_{pbx}.csv").write_text(log({"uniqueid": "7", "start": "2026-10-24 09:00:00"}))
    ours = Path(__file__).parents[2] / "fixtures/phone/calls_2026-10-05_pbx-us.csv"
    (tmp_path / ours.name).write_text(ours.read_text())
    layouts = {f"*_{pbx}.csv": {**ASTERISK, "constants": {"pbx": pbx}} for pbx in ("pbx-de", "pbx-at")}
    calls = records(read(tmp_path, layouts))
    assert sorted(CALLS.key(call) or "" for call in calls) == [
        "pbx-at/7", "pbx-de/7", "pbx-us/0007", "pbx-us/0008", "pbx-us/0009",
    ]  # fmt: skip
    assert "2026-10-05T23:50:00-04:00" in [call["started_at"] for call in calls]


@pytest.mark.parametrize(
    ("start", "end", "began", "minutes"),
    [
        ("02:59:30", "02:00:30", "00:59:30", 1),  # 59 minutes before it began, read without its zone
        ("02:10:00", "02:30:00", "00:10:00", 20),
        ("02:50:00", "03:10:00", "01:50:00", 20),
        ("01:50:00", "02:10:00", "23:50:00", 20),
        ("01:50:00", "03:10:00", "23:50:00", 140),
        ("12:00:00", "12:05:00", "11:00:00", 5),
    ],
)
def test_a_call_over_the_change_of_clocks_lasts_as_long_as_it_can_have(
    start: str, end: str, began: str, minutes: int, tmp_path: Path
) -> None:
    call = {
        "uniqueid": "1",
        "start": f"2026-10-25 {start}",
        "answer": f"2026-10-25 {start}",
        "end": f"2026-10-25 {end}",
    }
    (tmp_path / "Master_2026-10-25_pbx-de.csv").write_text(log(call))
    [record] = records(read(tmp_path, {"*": ASTERISK}))
    first, answered, last = (datetime.fromisoformat(record[name]) for name in ("started_at", "answered_at", "ended_at"))
    assert f"{first.astimezone(UTC):%T}" == began
    assert last - first == timedelta(minutes=minutes)
    assert first <= answered <= last


def test_a_time_with_its_own_offset_or_none_at_all_stays_as_sent(tmp_path: Path) -> None:
    call = {"uniqueid": "1", "start": "2026-10-24T09:00:00Z", "answer": "soon", "end": "2026-10-24 11:05:00"}
    (tmp_path / "Master_2026-10-24_pbx-de.csv").write_text(log(call))
    [record] = records(read(tmp_path, {"*": ASTERISK}))
    assert (record["started_at"], record["answered_at"]) == ("2026-10-24T09:00:00Z", "soon")
    assert record["ended_at"] == "2026-10-24T11:05:00+02:00"


def test_a_day_that_stands_for_never_and_a_leap_second_stop_no_file(tmp_path: Path) -> None:
    call = {
        "uniqueid": "1",
        "start": "2017-01-01 00:59:60",
        "answer": "0001-01-01 00:00:00",
        "end": "9999-12-31 23:59:60",
    }
    (tmp_path / "Master_2026-10-24_pbx-de.csv").write_text(log(call))
    [record] = records(read(tmp_path, {"*": ASTERISK}))
    assert (record["answered_at"], record["ended_at"]) == (call["answer"], call["end"])
    assert record["started_at"] == "2017-01-01T01:00:00+01:00"


OWN_NAMES = {"columns": {"call_id": "CallNo", "queue": "Line", "started_at": "Time", "ended_at": "Time"}}


@pytest.mark.parametrize(
    ("layout", "change", "told"),
    [
        (ASTERISK, ("uniqueid", "number"), "columns missing: uniqueid for our call_id ("),
        (ASTERISK, ("disposition", "outcome"), "columns missing: disposition ("),
        (ASTERISK, ("userfield", "User-Id"), "columns missing: userfield for our agent_id (is it 'User-Id'?) ("),
        (ASTERISK, ("userfield", "src"), "columns given twice: src for our caller_number: remove one of each; "),
        (ASTERISK, ('"1"', '"1.7E+17"'), "1 ids in column uniqueid for our call_id are in scientific notation"),
        (OWN_NAMES, ("uniqueid", "call no"), "CallNo for our call_id (is it 'call no'?), pbx, Line for our queue, "),
        (OWN_NAMES, ("uniqueid", "call no"), "Time for our started_at and ended_at, "),
    ],
)
def test_a_file_is_refused_by_its_own_names_with_ours_beside_them(
    layout: dict[str, Any], change: tuple[str, str], told: str, tmp_path: Path
) -> None:
    (tmp_path / "Master_2026-10-24_pbx-de.csv").write_text(log({"uniqueid": "1"}).replace(*change))
    [page] = read(tmp_path, {"*": layout})
    assert told in page.rejected[0].detail


def test_a_record_of_a_list_is_refused_by_its_own_names_too(tmp_path: Path) -> None:
    turn = {"Call": "7", "turn": "1", "speaker": "bot", "at": "2026-10-24T09:00:00Z", "words": "Hello"}
    (tmp_path / "transcripts").mkdir()
    (tmp_path / "transcripts/2026-10-24.json").write_text(json.dumps([turn, turn | {"turn": "2"}, {"turn": "3"}]))
    columns = {"call_id": "Call", "said_at": "at", "text": "words"}
    layouts = {"transcripts/*": {"columns": columns, "constants": {"pbx": "pbx-de"}}}
    options = {"settle_seconds": 0, "layouts": layouts}
    [page] = PHONE.resource("transcripts").extract(Request(Connection(str(tmp_path), options=options), AUTUMN))
    assert [record["_line"] for record in page.records] == [1, 2]
    assert page.rejected[0].detail == "Call for our call_id, speaker, at for our said_at, words for our text"


def test_messages_after_landing_know_what_a_file_has_for_our_columns() -> None:
    layouts = {"*_pbx-de.csv": ASTERISK, "transcripts/*": {"columns": {"text": "words", "turn": "Turn"}}}
    connection = Connection("/drops", options={"layouts": layouts})
    calls, transcripts = (PHONE.resource(name).told_as for name in ("calls", "transcripts"))
    assert calls
    assert transcripts
    told = calls(connection, "Master_2026-10-24_pbx-de.csv")
    assert told["started_at"] == "column start"
    assert (told["pbx"], told["csat"]) == ("by option layouts", "by option layouts")
    assert "disposition" not in told
    assert calls(connection, "calls_2026-10-24_pbx-us.csv") == {}
    assert transcripts(connection, "Master_2026-10-24_pbx-de.csv") == {"text": "column words"}


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        ({"time_zone": "Eastern"}, "no such time_zone"),
        ({"time_zone": "../passwd"}, "no such time_zone"),
        ({"columns": {"number": "src"}}, "gives number"),
        ({"values": {"outcome": {}}}, "gives outcome"),
        ({"timezone": "Europe/Berlin"}, "something other than"),
        ("Asterisk", "something other than"),
    ],
)
def test_a_layout_that_cannot_be_meant_is_refused_before_any_file(layout: Any, words: str, tmp_path: Path) -> None:
    connection = Connection(str(tmp_path), options={"layouts": {"*_pbx-de.csv": layout}})
    with pytest.raises(ContractBroken, match=words) as refused:
        PHONE.check(connection)
    assert "'*_pbx-de.csv'" in str(refused.value)


def test_a_pattern_whose_folder_nothing_reads_is_refused_at_once(tmp_path: Path) -> None:
    layouts = {"transcipts/*_vendor.csv": {"constants": {"pbx": "pbx-de"}}}
    told = (
        r"'transcipts/\*_vendor\.csv' names a folder that nothing reads: read are the inbox itself, folder transcripts"
    )
    with pytest.raises(ContractBroken, match=told):
        PHONE.check(Connection(str(tmp_path), options={"layouts": layouts}))
    for resource in PHONE.resources:
        with pytest.raises(ContractBroken, match=told):
            list(resource.extract(Request(Connection(str(tmp_path), options={"layouts": layouts}), AUTUMN)))


def test_a_pattern_that_meets_no_file_is_told_once_other_files_are_there(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    layouts = {"*_pbxde.csv": ASTERISK, "transcripts/*_vendor.csv": {"constants": {"pbx": "pbx-de"}}}
    connection = Connection(str(tmp_path), options={"settle_seconds": 0, "layouts": layouts})
    # On the first day nothing has come yet.
    assert PHONE.check(connection) == ""
    (tmp_path / "Master_2026-10-24_pbx-de.csv").write_text(log({"uniqueid": "7"}))
    (tmp_path / "Master_2026-10-24_pbx-de.csv.done").touch()
    told = (
        "option layouts: '*_pbxde.csv' meets no file of the inbox, where 1 meet no pattern and are read as the contract"
        " has them, 'Master_2026-10-24_pbx-de.csv' among them: are the patterns right?"
    )
    assert PHONE.check(connection) == told
    list(CALLS.extract(Request(connection, AUTUMN)))
    assert [record.message for record in caplog.records] == [told]
    # Each file meets a pattern: that one waits for files of its own.
    (tmp_path / "Master_2026-10-24_pbx-de.csv").rename(tmp_path / "Master_2026-10-24_pbxde.csv")
    assert PHONE.check(connection) == ""
