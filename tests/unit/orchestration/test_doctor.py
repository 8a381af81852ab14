"""What `make doctor` says of sources that work, that do not, and that nobody set up."""

import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from servers.fake_api import Answer, FakeApi
from servers.fake_sources import SECRET, FakeX
from social_crm.orchestration import doctor
from social_crm.sources import SOURCES

URL_SECRET = "canary-url"


@pytest.fixture(autouse=True)
def no_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    for source in SOURCES:
        monkeypatch.delenv(f"AIRFLOW_CONN_{source.name.upper()}_API", raising=False)
    monkeypatch.setattr(doctor, "optional_connection", _only_of_the_environment)


@pytest.fixture(autouse=True)
def logging_goes_on() -> Iterator[None]:
    """Undo what the doctor, a process of its own, switches off for good."""
    yield
    logging.disable(logging.NOTSET)


def _only_of_the_environment(connection_id: str, options: Mapping[str, str]) -> object:
    """Ask Airflow's store for what the environment names alone: tests have no database of Airflow's."""
    import os

    from social_crm.orchestration.connections import optional_connection

    is_named = f"AIRFLOW_CONN_{connection_id.upper()}" in os.environ
    return optional_connection(connection_id, options) if is_named else None


def configure(monkeypatch: pytest.MonkeyPatch, source: str, **fields: object) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{source.upper()}_API", json.dumps({"conn_type": "http", **fields}))


def test_a_source_that_answers_is_well_and_the_others_are_named(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_api.respond = FakeX()
    configure(monkeypatch, "x", host=fake_api.url, password=SECRET, extra={"accounts": ["AcmeBank"]})
    assert doctor.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(SOURCES)
    assert "ok      x              X (Twitter) lets us in" in lines
    assert sum("not configured: AIRFLOW_CONN_" in line for line in lines) == len(SOURCES) - 1


def test_what_a_source_that_lets_us_in_noticed_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "calls_2026-10-05_pbx-us.csv").touch()
    layouts = {"*_vendor.csv": {"constants": {"pbx": "pbx-de"}}}
    configure(monkeypatch, "phone", host=str(tmp_path), extra={"layouts": layouts})
    assert doctor.main() == 0
    assert (
        "ok      phone          Phone lets us in. option layouts: '*_vendor.csv' meets no file"
        in capsys.readouterr().out
    )


def test_what_fails_is_said_with_what_to_do_and_without_the_secret(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_api.respond = lambda asked: Answer({"title": "Unauthorized"}, 401)
    configure(monkeypatch, "x", host=fake_api.url, password=SECRET, extra={"accounts": ["AcmeBank"]})
    configure(monkeypatch, "zendesk", host="http://127.0.0.1:9", login="me", password=SECRET)
    configure(monkeypatch, "crm", host=f"nonsense://u:{URL_SECRET}@h/d", extra={"customers": "c", "accounts": "a"})
    configure(monkeypatch, "complaints", host="/nowhere", extra={"settle_seconds": "soon"})
    assert doctor.main() == 1
    said = capsys.readouterr().out
    failed = {line.split()[1]: line for line in said.splitlines() if line.startswith("FAILED")}
    assert set(failed) == {"complaints", "crm", "x", "zendesk"}
    assert "wrong or revoked" in failed["x"]
    assert "Next: renew the connection" in failed["x"]
    assert "try again later" in failed["zendesk"]
    assert SECRET not in said
    assert URL_SECRET not in said
    # One attempt each: whoever waits for a doctor wants an answer.
    assert len(fake_api.asked) == 1


def test_nothing_configured_is_nothing_checked() -> None:
    assert doctor.main() == 1


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("not canary", "is not a JSON object"),
        ('{"conn_type": "generic", "password": "canary"', "is not a JSON object"),
        ('["canary"]', "is not a JSON object"),
        ('{"hosts": "/canary"}', "has no key 'hosts': did you mean host?"),
        (
            '{"host": "/canary", "layouts": {"canary": {}}}',
            "has no key 'layouts': the source's own options stand in extra",
        ),
        ('{"host": "/canary", "extra": "{canary"}', "its extra is not a JSON object"),
        ('{"host": "/canary", "port": "canary"}', "its port is not a number"),
        ('{"conn_type": "generic", "password": "canary"}', "names no host"),
    ],
)
def test_a_connection_that_airflow_cannot_read_is_not_called_empty(
    value: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_PHONE_API", value)
    assert doctor.main() == 1
    output = capsys.readouterr().out
    [line] = [line for line in output.splitlines() if line.startswith("FAILED")]
    assert "AIRFLOW_CONN_PHONE_API" in line
    assert said in line
    assert ".env.example" in line.rpartition("Next: ")[2]
    assert "canary" not in output


def test_an_option_that_an_api_does_not_know_is_named_before_it_is_asked_anything(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_api.respond = FakeX()
    extra = {"accounts": ["AcmeBank"], "query_lenght": 1024}
    configure(monkeypatch, "x", host=fake_api.url, password=SECRET, extra=extra)
    assert doctor.main() == 1
    [line] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("FAILED")]
    assert "connection x_api has no option 'query_lenght': did you mean query_length?" in line
    assert line.rpartition("Next: ")[2].startswith("correct the connection")
    assert fake_api.asked == []


@pytest.mark.parametrize(
    ("fields", "said", "next_step"),
    [
        ({"extra": {"layout": {}}}, "no option 'layout': did you mean layouts?", "correct the connection"),
        ({"extra": {"settle_seconds": "abc"}}, "option settle_seconds must be a number", "correct the connection"),
        ({"extra": {"layouts": {"*.csv": {"column": {}}}}}, "holds something other than", "correct the connection"),
        ({"host": "/nowhere"}, "there is no such folder", "create the folder or correct"),
    ],
)
def test_a_mistake_in_what_a_source_is_told_is_named_with_a_step_that_mends_it(
    fields: dict[str, object],
    said: str,
    next_step: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure(monkeypatch, "phone", **{"host": str(tmp_path), **fields})
    assert doctor.main() == 1
    [line] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("FAILED")]
    assert said in line
    assert line.rpartition("Next: ")[2].startswith(next_step)
