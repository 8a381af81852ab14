"""Metrics asked by name: what cannot be answered says what can."""

import shutil
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from social_crm.command import run_command
from social_crm.dashboards import metric_query


@pytest.fixture(scope="module")
def target(parsed_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where dbt's answer of the project is kept from one question to the next."""
    target = tmp_path_factory.mktemp("target")
    shutil.copytree(parsed_project, target / "semantics")
    return target


@pytest.fixture(autouse=True)
def settings(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metric_query, "load_settings", lambda: SimpleNamespace(dbt_target_dir=target))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["sla_attainmnt", "--by", "help"], "no metric 'sla_attainmnt' (did you mean sla_attainment"),
        (["sla_attainmnt"], "no metric 'sla_attainmnt' (did you mean sla_attainment"),
        (["sla_attainment", "--by", "region"], "market__region, "),
        (["contacts", "--where", "{{ Dimension('market__moon') }} = 'x'"], "{{ Dimension('channel__site_type') }} ="),
    ],
)
def test_who_asks_for_what_there_is_not_reads_in_one_line_what_there_is(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(partial(metric_query.main, arguments)) == 2
    said = capsys.readouterr()
    assert expected in said.err
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_who_asks_for_the_groups_gets_them_as_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert metric_query.main(["sla_attainment", "--by", "help"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out.startswith("Groups are ")
    assert "market__region, " in said.out
