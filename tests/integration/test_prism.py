"""Official specifications judge both sides: what our connectors ask, and what our own servers answer."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from harnesses import hubspot
from servers.fake_api import FakeApi
from servers.fake_sources import SECRET, START, ids, read
from social_crm.errors import CursorRejected
from social_crm.local.processes import free_port
from social_crm.settings import PROJECT_ROOT
from social_crm.sources import hubspot_reading
from social_crm.sources.hubspot import HUBSPOT
from social_crm.sources.model import Connection, Request, Window
from social_crm.sources.rechecks import Known
from social_crm.sources.x import X

PRISM = "@stoplight/prism-cli@5.14.2"  # the newest that runs on node 20
ACCOUNTS = ["AcmeBank", "AcmeBankIN", "AcmeBankSG", "AcmePay", "AcmePayIN", "AcmePaySG"]
OUTAGE = datetime(2026, 10, 29, tzinfo=UTC)  # the sample's busiest day: several pages


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, f"{process.args} ended at once"
        try:
            requests.get(url, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"nothing listens at {url}")


@contextmanager
def _running(command: list[str], url: str) -> Iterator[str]:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT / "plugins")}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    try:
        _wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def _judged(prism: Path, specification: Path, upstream: str) -> Iterator[str]:
    judge = free_port()
    proxy = [str(prism), "proxy", "--host", "127.0.0.1", "--port", str(judge), "--errors", str(specification), upstream]
    with _running(proxy, f"http://127.0.0.1:{judge}") as url:
        yield url


@pytest.fixture(scope="module")
def prism() -> Path:
    """Return Prism's command, installed once below var/."""
    if not shutil.which("npm"):
        pytest.skip("npm is not installed")
    home = PROJECT_ROOT / "var/prism"
    home.mkdir(parents=True, exist_ok=True)
    command = home / "node_modules/.bin/prism"
    if not command.exists():
        install = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(home), PRISM]
        if subprocess.run(install, check=False, timeout=300).returncode:
            pytest.skip(f"{PRISM} could not be installed: no network?")
    return command


@pytest.fixture(scope="module")
def judged_x(prism: Path, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the sample's X through Prism, which turns every violation of the specification into an error."""
    specification = shared_data / "api_specs/x-api-v2.latest-openapi.json"
    if not specification.is_file():
        pytest.skip(f"the X specification is not present at {specification}")
    server, state = free_port(), tmp_path_factory.mktemp("sample")
    serve = [sys.executable, "-m", "social_crm.local.sample_api", "--port", str(server), "--state", str(state)]
    with _running(serve, f"http://127.0.0.1:{server}") as upstream, _judged(prism, specification, upstream) as url:
        yield url


@pytest.fixture
def judged_hubspot(prism: Path, shared_data: Path, fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve the harness's HubSpot through Prism: eight contacts, of which two are archived, three to a page."""
    monkeypatch.setattr(hubspot_reading, "PER_PAGE", hubspot.PAGE)
    server = hubspot.FakeHubSpot()
    server.records = [hubspot.contact(number, START, START + timedelta(hours=number)) for number in range(1, 7)]
    server.records += [
        hubspot.contact(number, START, START, archived=True, archivedAt=f"{START:%FT%T}.000Z") for number in (7, 8)
    ]
    fake_api.respond = server
    with _judged(prism, shared_data / "api_specs/hubspot-crm-v3-contacts.json", fake_api.url) as url:
        yield url


@pytest.fixture
def connection(judged_x: str) -> Connection:
    """Return a connection through the judge that takes its first verdict."""
    return Connection(judged_x, secret="sample-x-token", options={"accounts": ACCOUNTS, "attempts": 1})


def test_prism_refuses_a_wrong_request(judged_x: str) -> None:
    wrong = {"query": "x", "max_results": "5"}
    answer = requests.get(
        f"{judged_x}/2/tweets/search/recent", wrong, headers={"Authorization": "Bearer sample-x-token"}, timeout=30
    )
    assert answer.status_code == 422


def test_every_page_of_a_day_passes_the_specification_both_ways(connection: Connection) -> None:
    window = Window(OUTAGE, OUTAGE + timedelta(days=1))
    pages = list(X.resource("posts").extract(Request(connection, window)))
    assert len(pages) > 3
    assert len(set(ids(pages))) == len(ids(pages)) > 300
    assert all(record["author"]["username"] for page in pages for record in page.records if "author" in record)
    assert sum("author" in record for page in pages for record in page.records) > 300


def test_the_accounts_pass_the_specification_both_ways(connection: Connection) -> None:
    (page,) = X.resource("users").extract(Request(connection, Window(OUTAGE, OUTAGE + timedelta(days=1))))
    assert {user["username"] for user in page.records} == set(ACCOUNTS)
    X.check(connection)


def test_posts_by_id_and_those_that_are_gone_pass_the_specification_both_ways(connection: Connection) -> None:
    window = Window(OUTAGE, OUTAGE + timedelta(days=1))
    shown = [post["id"] for page in X.resource("posts").extract(Request(connection, window)) for post in page.records]
    known = Known({one: one for one in [*shown[:150], "2116918875388425137", "1"]})
    pages = list(X.resource("removals").extract(Request(connection, window, known=known)))
    gone = [(record["key"], record["is_removed"]) for page in pages for record in page.records]
    # One was deleted by the end of the sample, one never was.
    assert sorted(gone) == [("1", True), ("2116918875388425137", True)]
    assert len(pages) == 2


def test_a_refusal_of_the_sample_server_is_understood_through_the_judge(connection: Connection) -> None:
    window = Window(OUTAGE, OUTAGE + timedelta(days=1))
    cursor = next(iter(X.resource("posts").extract(Request(connection, window)))).cursor
    assert cursor
    with pytest.raises(CursorRejected):
        list(X.resource("posts").extract(Request(connection, window, f"{cursor.rpartition(':')[0]}:nonsense")))


def test_what_hubspot_is_asked_and_what_ours_answers_pass_the_specification(judged_hubspot: str) -> None:
    # Without a limit the specification would refuse it, and Prism says so.
    wrong = requests.post(
        f"{judged_hubspot}/crm/v3/objects/contacts/search",
        json={"filterGroups": []},
        headers={"Authorization": f"Bearer {SECRET}"},
        timeout=30,
    )
    assert wrong.status_code == 422
    connection = Connection(judged_hubspot, secret=SECRET, options={"attempts": 1})
    pages = read(HUBSPOT.resource("contacts"), connection)
    assert set(ids(pages)) == {str(number) for number in range(1, 9)}
    assert len(pages) > 3
