"""What is printed of metrics is opened in spreadsheets, and names come from customers."""

from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from social_crm.dashboards import metric_query
from social_crm.dashboards.metric_query import harmless


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", "＝1", "＋1", "－1", "＠sum"])
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("cell", [-3, Decimal("-0.5"), None, "", "Mail - forms", "a=b"])
def test_numbers_and_other_texts_stay(cell: object) -> None:
    assert harmless(cell) is cell


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
