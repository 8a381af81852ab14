"""Files of other vendors: what a connection says of them, and the hour that comes twice."""

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


def test_a_file_without_the_vendors_columns_is_refused_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "Master_2026-10-24_pbx-de.csv").write_text(log({"uniqueid": "1"}).replace("uniqueid", "linkedid"))
    [page] = read(tmp_path, {"*": ASTERISK})
    assert "columns missing: uniqueid" in page.rejected[0].detail


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
