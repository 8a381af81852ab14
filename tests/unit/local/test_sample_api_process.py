"""The sample server as a process: it says where it listens, and speaks real HTTP."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from social_crm.settings import PROJECT_ROOT

LOGIN = {"authorization": "Bearer process-token"}
SEARCH = "/2/tweets/search/recent"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    state = tmp_path_factory.mktemp("state")
    command = [sys.executable, "-m", "social_crm.local.sample_api", "--state", str(state), "--token", "process-token"]
    process = subprocess.Popen(
        [*command, "--now", "2026-11-08T00:00:00Z"], stdout=subprocess.PIPE, text=True, cwd=PROJECT_ROOT / "plugins"
    )
    assert process.stdout
    url = process.stdout.readline().strip()
    assert url == (state / "url").read_text().strip()
    with httpx.Client(base_url=url, headers=LOGIN) as client:
        yield client
    process.terminate()
    assert process.wait(timeout=20) in (0, -15)


def test_the_clock_starts_where_it_was_told_to(client: httpx.Client) -> None:
    assert client.get("/_sample/clock").json() == {"now": "2026-11-08T00:00:00Z"}


def test_answers_carry_the_rate_limit_and_a_date(client: httpx.Client) -> None:
    answer = client.get(SEARCH, params={"query": "(@AcmeBank OR from:AcmeBank)"})
    assert answer.status_code == 200
    assert len(answer.json()["data"]) == 10
    assert {"x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset", "date"} <= set(answer.headers)


def test_a_dropped_connection_is_seen_by_the_client(client: httpx.Client) -> None:
    client.post("/_sample/faults", json={"dropped_connection": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(SEARCH, params={"query": "@AcmeBank"})
    assert client.get(SEARCH, params={"query": "@AcmeBank"}).status_code == 200


def test_missing_data_is_said_in_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "social_crm.local.sample_api", "--data", str(tmp_path / "none")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT_ROOT / "plugins", check=False)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].endswith("run python sample/generate.py")
