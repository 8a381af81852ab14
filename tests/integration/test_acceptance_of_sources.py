"""What every registered source promises, asked of each: no dbt, one warehouse for all, seconds for a source."""

import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import psycopg
import pytest

import acceptance
from acceptance import Entry, Harness, entries
from servers.fake_sources import SECRET, START, WINDOW
from social_crm.errors import ContractBroken, CredentialRefused, SourceUnavailable, WindowRefused
from social_crm.landing.loading import LoadCounts, load_resource
from social_crm.local.postgres import EmbeddedServer
from social_crm.settings import Settings
from social_crm.sources import SOURCES
from social_crm.sources.model import Page, Record, Request, Resource, Source, Window
from worlds.warehouses import copy_in_use, prepared

DAY = timedelta(days=1)
COUNT = 10  # four pages
LONG_TEXT = "words " * 40_000


@pytest.fixture(scope="module")
def shared_warehouse(
    postgres_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, psycopg.Connection]]:
    """Make one warehouse for all of these tests, each of which empties what it lands in."""
    directory = tmp_path_factory.mktemp("acceptance")
    with (
        copy_in_use(postgres_server, prepared(postgres_server), directory) as settings,
        psycopg.connect(settings.warehouse_admin_url, autocommit=True) as admin,
    ):
        yield settings, admin


@pytest.fixture(params=SOURCES, ids=lambda source: source.name)
def harness(request: pytest.FixtureRequest, play: Callable[[Source], Harness]) -> Harness:
    return play(request.param)


class Landing:
    """Lands a harness's resource and looks at what is in raw."""

    def __init__(self, harness: Harness, admin: psycopg.Connection) -> None:
        self.harness, self.admin = harness, admin
        self.table = f"raw_{harness.source.name}.{harness.resource.name}"
        admin.execute(f"truncate {self.table}, raw.load_ledger, raw.quarantine, raw.landed_files cascade")  # type: ignore[arg-type]

    def load(self, window: Window = WINDOW, stop_after: int | None = None) -> LoadCounts:
        """Load a window, or die after so many pages."""
        resource = self.harness.resource
        if stop_after is not None:
            resource = replace(resource, extract=lambda request: self._some(request, stop_after))
        counts = load_resource(self.harness.source, resource, self.harness.connection, window, "acceptance")
        self.admin.execute("update raw.load_ledger set status = 'checked' where status = 'loaded'")
        return counts

    def told(self, resource: Resource) -> list[Record]:
        """Load another resource of the source and return its records."""
        counts = load_resource(self.harness.source, resource, self.harness.connection, WINDOW, "acceptance")
        query = f"select payload from raw_{self.harness.source.name}.{resource.name} where _load_id = %s"
        return [payload for (payload,) in self.admin.execute(query.encode(), [counts.load_id])]

    def _some(self, request: Request, number: int) -> Iterator[Page]:
        for count, page in enumerate(self.harness.resource.extract(request)):
            if count == number:
                raise ConnectionAbortedError("stopped by the test")
            yield page

    def keys(self) -> list[str]:
        """Return the keys of all versions in raw."""
        return [key for (key,) in self.admin.execute(f"select _record_key from {self.table} order by 1")]  # type: ignore[arg-type]


@pytest.fixture
def landing(harness: Harness, shared_warehouse: tuple[Settings, psycopg.Connection]) -> Landing:
    harness.entries = entries(COUNT)
    harness.publish()
    return Landing(harness, shared_warehouse[1])


def wanted(harness: Harness, *chosen: Entry) -> list[str]:
    return sorted(harness.key(entry) for entry in chosen or harness.entries)


def rechecking(harness: Harness) -> list[Resource]:
    """Return the resources that request again what the harness's resource holds."""
    return [one for one in harness.source.resources if one.recheck and one.recheck.of == harness.resource.name]


def test_it_connects(harness: Harness) -> None:
    harness.entries = entries(1)
    harness.publish()
    harness.source.check(harness.connection)


class Asked(dict[str, Any]):
    """Options that know which of them were asked for, and which that are not there."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        self.names: set[object] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self.names.add(name)
        return super().__contains__(name)


def test_it_declares_the_options_that_it_reads_and_no_other(harness: Harness) -> None:
    harness.entries = entries(1)
    harness.publish()
    options = Asked(harness.connection.options)
    connection = replace(harness.connection, options=options)
    harness.source.check(connection)
    for resource in (harness.resource, *rechecking(harness)):
        list(resource.extract(Request(connection, WINDOW)))
        if resource.recheck:
            resource.recheck.span(options)
    assert options.names == set(harness.source.options)


def test_a_bad_configuration_is_refused_before_any_extraction_and_said_plainly(harness: Harness) -> None:
    count = 0
    for words, connection in harness.refusals():
        with pytest.raises((CredentialRefused, ContractBroken, SourceUnavailable), match=words) as refused:
            harness.source.check(connection)
        assert SECRET not in str(refused.value)
        count += 1
    assert count


def test_everything_is_read_once_and_again_without_doubling(landing: Landing) -> None:
    first = landing.load()
    assert (first.appended, first.quarantined) == (COUNT, 0)
    assert landing.keys() == wanted(landing.harness)
    assert landing.load().appended == 0


def test_a_stop_after_any_page_loses_and_doubles_nothing(landing: Landing) -> None:
    page_count = len(list(landing.harness.resource.extract(Request(landing.harness.connection, WINDOW))))
    assert page_count > 2, "a harness has pages of three"
    for stop in range(page_count):
        again = Landing(landing.harness, landing.admin)
        with pytest.raises(ConnectionAbortedError):
            again.load(stop_after=stop)
        again.load()
        assert again.keys() == wanted(landing.harness), f"stopped after {stop} pages"


def test_what_was_read_is_let_go_before_the_next_page(harness: Harness) -> None:
    """However large a source, a task holds some pages of it: 60 long texts here, three a page."""
    if not harness.reads_in_pages:
        pytest.skip("one document, which may be no longer than a limit")
    harness.entries = [replace(entry, text=LONG_TEXT) for entry in entries(60)]
    harness.publish()
    # In a child: the server, here, may hold all of it.
    fork = get_context("fork")
    ours, theirs = fork.Pipe(duplex=False)
    child = fork.Process(target=_read, args=(harness, theirs), daemon=True)
    child.start()
    assert ours.poll(120), "the child ended without an answer, or never"
    count, peak_bytes = ours.recv()
    child.join()
    assert count >= 60
    # Of a page of three: its bytes, what was read, and that written to count its keys; Discourse says all of it twice.
    assert peak_bytes < 48 * len(LONG_TEXT)


def _read(harness: Harness, answer: Connection) -> None:
    """Send how many records a read gave, and the most memory that it held."""
    tracemalloc.start()
    count = sum(len(page.records) for page in harness.resource.extract(Request(harness.connection, WINDOW)))
    answer.send((count, tracemalloc.get_traced_memory()[1]))


def test_every_moment_belongs_to_a_window_and_ties_stay_together(landing: Landing) -> None:
    harness = landing.harness
    edges = [START - acceptance.LATER, START, START, WINDOW.end - acceptance.LATER, WINDOW.end]
    harness.entries = [Entry(number, at) for number, at in enumerate(edges, 1)]
    harness.entries += [Entry(number, START + timedelta(hours=1)) for number in range(6, 15)]
    harness.entries.sort(key=lambda entry: entry.at)
    harness.publish()
    inside = [entry for entry in harness.entries if WINDOW.start <= entry.at < WINDOW.end]
    landing.load()
    if harness.cuts_exactly:
        assert landing.keys() == wanted(harness, *inside)
    assert set(wanted(harness, *inside)) <= set(landing.keys())
    for window in (Window(START - DAY, START), Window(WINDOW.end, WINDOW.end + DAY)):
        landing.load(window)
    assert landing.keys() == wanted(harness)


def test_a_window_in_the_future_reads_nothing(landing: Landing) -> None:
    tomorrow = datetime.now(UTC).replace(microsecond=0) + DAY
    with pytest.raises(WindowRefused):
        landing.load(Window(tomorrow, tomorrow + DAY))
    assert landing.keys() == []


def test_an_edit_arrives_as_a_newer_version(landing: Landing) -> None:
    harness = landing.harness
    landing.load()
    edited = harness.entries[4]
    edited.text, edited.edited_at = "other words", edited.at + timedelta(minutes=30)
    harness.publish()
    landing.load()
    expected = [harness.key(edited)] if harness.sees_edits else []
    assert landing.keys() == sorted(wanted(harness) + expected)


def test_a_deletion_arrives_as_declared(landing: Landing) -> None:
    harness = landing.harness
    landing.load()
    gone = harness.entries[4]
    gone.is_deleted, gone.edited_at = True, gone.at + timedelta(minutes=30)
    harness.publish()
    landing.load()
    told = landing.keys().count(harness.key(gone)) == 2
    for resource in rechecking(harness):
        told = landing.told(resource) == [{"key": harness.key(gone), "is_removed": True}]
    if harness.resource.deletion_delay is not None:
        assert told, "declared with a delay, and not seen"


@pytest.mark.parametrize("text", ["a\x00b", "half \ud83d of it"], ids=["NUL", "half a character"])
def test_bad_bytes_are_kept_in_raw_or_in_quarantine(landing: Landing, text: str) -> None:
    landing.harness.entries[2].text = text
    landing.harness.publish()
    counts = landing.load()
    if counts.quarantined == 0:
        assert landing.keys() == wanted(landing.harness)
    else:  # one record, or the one file that it is in
        assert counts.appended in (COUNT - 1, 0)


def test_a_rate_limit_is_waited_for(landing: Landing, naps: list[float]) -> None:
    if not landing.harness.throttle():
        pytest.skip("nothing there limits how often it is asked")
    landing.load()
    assert naps == [5.0]
    assert landing.keys() == wanted(landing.harness)


def test_a_source_that_ignores_the_time_asked_for_is_noticed(landing: Landing) -> None:
    if not landing.harness.ignore_filter():
        pytest.skip("the source is asked for no time, or its window is cut by us")
    with pytest.raises(ContractBroken):
        landing.load()
    assert landing.keys() == []
