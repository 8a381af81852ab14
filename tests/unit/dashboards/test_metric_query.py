"""Metrics asked by name: what cannot be answered says what can."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from social_crm.dashboards import metric_query


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where dbt's answer of the project is kept from one question to the next."""
    return tmp_path_factory.mktemp("target")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["sla_attainmnt"], "no metric 'sla_attainmnt' (did you mean sla_attainment"),
        (["sla_attainment", "--by", "region"], "market__region, "),
        (["contacts", "--where", "{{ Dimension('market__moon') }} = 'x'"], "{{ Dimension('channel__site_type') }} ="),
    ],
)
def test_who_asks_for_what_there_is_not_reads_in_one_line_what_there_is(
    arguments: list[str],
    expected: str,
    target: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(metric_query, "load_settings", lambda: SimpleNamespace(dbt_target_dir=target))
    assert metric_query.main(arguments) == 2
    said = capsys.readouterr()
    assert expected in said.err
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert said.out == ""
