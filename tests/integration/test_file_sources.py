"""Dropped files on their way into raw: over S3, in every header generation, early, late and twice."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import s3fs
from moto.server import ThreadedMotoServer

from social_crm.errors import CredentialRefused, SourceUnavailable
from social_crm.landing.loading import LoadCounts, load_resource
from social_crm.settings import Settings
from social_crm.sources.analytics import ANALYTICS
from social_crm.sources.complaints import COMPLAINTS
from social_crm.sources.model import Connection, Source, Window
from social_crm.sources.phone import PHONE
from social_crm.sources.stores import STORES
from social_crm.sources.surveys import SURVEYS

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests/fixtures"
MONDAY = Window(datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 6, tzinfo=UTC))
TUESDAY = Window(MONDAY.end, MONDAY.end + timedelta(days=1))


def land(source: Source, folder: Path, window: Window = MONDAY) -> LoadCounts:
    connection = Connection(str(folder), options={"settle_seconds": 0})
    return load_resource(source, source.resources[0], connection, window, "test")


def ask(settings: Settings, query: str) -> list[tuple]:
    with psycopg.connect(settings.warehouse_admin_url, autocommit=True) as connection:
        return connection.execute(query).fetchall()


def pass_the_door(settings: Settings) -> None:
    with psycopg.connect(settings.warehouse_admin_url, autocommit=True) as connection:
        connection.execute("update raw.load_ledger set status = 'checked' where status = 'loaded'")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.mark.parametrize(
    ("source", "rows"),
    [(ANALYTICS, 2), (PHONE, 3), (STORES, 3), (SURVEYS, 4)],
    ids=["analytics", "phone", "stores", "surveys"],
)
def test_files_land_from_a_bucket(warehouse: Settings, s3_endpoint: str, source: Source, rows: int) -> None:
    store = s3fs.S3FileSystem(key="key", secret="secret", endpoint_url=s3_endpoint, skip_instance_cache=True)
    store.mkdir(f"drops-{source.name}")
    options = {"settle_seconds": 0, "endpoint_url": s3_endpoint}
    connection = Connection(f"s3://drops-{source.name}/in", "key", "secret", options)
    source.check(connection)
    resource = source.resources[0]
    assert load_resource(source, resource, connection, MONDAY, "test").read == 0
    [file] = (FIXTURES / source.name).glob("*.csv")
    store.put(str(file), f"drops-{source.name}/in/{file.name}")
    assert load_resource(source, resource, connection, MONDAY, "test").appended == rows
    assert load_resource(source, resource, connection, MONDAY, "test").read == 0
    settling = replace(connection, options={"endpoint_url": s3_endpoint})
    assert load_resource(source, resource, settling, TUESDAY, "test").read == 0


def test_a_missing_bucket_is_an_error(s3_endpoint: str) -> None:
    nowhere = Connection("s3://nowhere/phone", "key", "secret", {"endpoint_url": s3_endpoint})
    with pytest.raises(SourceUnavailable, match="no such folder"):
        PHONE.check(nowhere)
    unreachable = Connection("s3://drops/phone", "key", "secret", {"endpoint_url": "http://127.0.0.1:9"})
    with pytest.raises(SourceUnavailable, match="cannot be read now") as caught:
        PHONE.check(unreachable)
    assert "secret" not in str(caught.value)


def test_a_refused_credential_is_not_an_outage(monkeypatch: pytest.MonkeyPatch, s3_endpoint: str) -> None:
    def refuse(*_: object, **__: object) -> bool:
        raise PermissionError("Forbidden")

    monkeypatch.setattr(s3fs.S3FileSystem, "info", refuse)
    with pytest.raises(CredentialRefused, match="login and secret"):
        PHONE.check(Connection("s3://drops/phone", "key", "secret", {"endpoint_url": s3_endpoint}))


def test_bad_files_are_quarantined_once_and_nothing_of_them_is_in_raw(
    warehouse: Settings, inbox: Path, shared_data: Path
) -> None:
    for path in (shared_data / "bad_input").iterdir():
        shutil.copyfile(path, inbox / path.name)
    for source in (PHONE, COMPLAINTS):
        counts = land(source, inbox)
        assert (counts.appended, counts.quarantined) == (0, 5)
        land(source, inbox)
        kept = ask(warehouse, f"select count(*) from raw.quarantine where source = '{source.name}'")
        assert kept == [(5,)]
    assert ask(warehouse, "select (select count(*) from raw_phone.calls) + (select count(*) from raw_complaints.complaints)") == [(0,)]  # fmt: skip  # noqa: E501
    assert ask(warehouse, "select count(*) from raw.landed_files") == [(0,)]


def test_the_runbook_finds_what_a_replayed_load_set_aside(warehouse: Settings, inbox: Path) -> None:
    (inbox / "calls_2026-10-05.csv").write_text("no,log\n")
    loads = [land(PHONE, inbox), land(PHONE, inbox)]
    assert [load.quarantined for load in loads] == [1, 1]
    runbook = (ROOT / "docs/runbooks/replay-a-failed-load.md").read_text()
    [query] = [block for block in re.findall(r"```sql\n(.+?)```", runbook, re.S) if "raw.quarantine" in block]
    for load in loads:
        found = ask(warehouse, query.replace("123", str(load.load_id)))
        assert [(row[0], row[1]) for row in found] == [(loads[0].load_id, "file_refused")]


def test_a_file_sent_again_adds_only_what_is_new(warehouse: Settings, inbox: Path) -> None:
    name = "calls_2026-10-05_pbx-us.csv"
    lines = (FIXTURES / f"phone/{name}").read_text().splitlines(keepends=True)
    (inbox / name).write_text("".join(lines[:-1]))
    assert land(PHONE, inbox).appended == 3
    pass_the_door(warehouse)
    shutil.copy(inbox / name, inbox / "copy_under_another_name.csv")
    assert land(PHONE, inbox, TUESDAY).read == 0
    inserted, corrected = lines[1].replace("0007", "0006"), lines[3].replace("abandoned", "voicemail")
    (inbox / name).write_text("".join([lines[0], inserted, lines[1], corrected, *lines[4:-1]]))
    counts = land(PHONE, inbox, TUESDAY)
    assert (counts.read, counts.appended, counts.unchanged) == (4, 2, 2)
    versions = ask(warehouse, "select payload ->> 'disposition' from raw_phone.calls where _record_key = 'pbx-us/0008' order by _extracted_at")  # fmt: skip  # noqa: E501
    assert versions == [("abandoned",), ("voicemail",)]


def test_a_call_that_changes_back_stands_as_its_newest_file_says(warehouse: Settings, inbox: Path) -> None:
    header, row = (FIXTURES / "phone/calls_2026-10-05_pbx-us.csv").read_text().splitlines()[:2]
    position = header.split(",").index("resolved")
    for day, resolved in enumerate(("yes", "no", "yes"), 5):
        cells = row.split(",")
        cells[position] = resolved
        (inbox / f"calls_2026-10-0{day}_pbx-us.csv").write_text(f"{header}\n{','.join(cells)}\n")
        window = Window(MONDAY.start + timedelta(days=day - 5), MONDAY.end + timedelta(days=day - 5))
        assert land(PHONE, inbox, window).appended == 1
        pass_the_door(warehouse)
    kept = "select payload ->> 'resolved' from raw_phone.calls order by _version_at"
    assert ask(warehouse, kept) == [("yes",), ("no",), ("yes",)]
    for window in (MONDAY, TUESDAY):
        assert land(PHONE, inbox, window).appended == 0


def test_the_three_real_generations_land_with_ids_merged(warehouse: Settings, inbox: Path, shared_data: Path) -> None:
    for path in (shared_data / "cfpb").glob("*.csv"):
        shutil.copyfile(path, inbox / path.name)
    counts = land(COMPLAINTS, inbox)
    # 3,186 without ids, 8,340 and 3,999 with; one line of 2014 lacks its last cell.
    assert (counts.read, counts.quarantined) == (3186 + 8340 + 3999, 1)
    keys = "select count(*), count(distinct _record_key) from raw_complaints.complaints where {}"
    assert ask(warehouse, keys.format("_record_key like 'row:%'")) == [(3186, 3186)]
    assert ask(warehouse, keys.format("_record_key not like 'row:%'")) == [(8339 + 3999, 8339 + 3999)]
    assert ask(warehouse, "select count(*) from raw_complaints.complaints where _event_at is null") == [(0,)]
    assert ask(warehouse, "select position, reason from raw.quarantine") == [
        ("complaints_2014_14cols_with_channel.csv line 8341", "ragged_row")
    ]


def test_one_complaint_in_three_files_is_one_key(warehouse: Settings) -> None:
    counts = land(COMPLAINTS, FIXTURES / "complaints")
    assert (counts.read, counts.quarantined) == (9, 0)
    assert ask(warehouse, "select count(distinct _record_key) from raw_complaints.complaints") == [(7,)]
    assert ask(warehouse, "select count(*) from raw_complaints.complaints where _record_key = '6896026'") == [(2,)]
