"""The command line: files of people in, links as JSON lines out."""

import json
import sys
from pathlib import Path

import pytest

from social_crm.enrichment.identity.__main__ import main

PEOPLE = "id,name,email\n1,Ann Lee,ann.lee77@mail.com\n2,Lee Ann,Ann.Lee77@mail.com\n3,Bo Li,bo@mail.com\n"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["identity", *arguments])
    return main()


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE, encoding="utf-8")
    return path


def test_links_are_json_lines_and_progress_names_nobody(
    people: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, str(people)) == 0
    said = capsys.readouterr()
    (link,) = map(json.loads, said.out.splitlines())
    assert {link["left"], link["right"]} == {"1", "2"}
    assert "email" in link["evidence"]
    assert said.err
    assert "ann" not in said.err.lower()


def test_a_threshold_leaves_out_what_is_less_sure(
    people: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, str(people), "--threshold", "1") == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("threshold", ["0", "1.1", "sure"])
def test_a_threshold_that_is_no_probability_is_refused(
    people: Path, threshold: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run(monkeypatch, str(people), "--threshold", threshold)
    assert "is not a probability" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_ends_the_command_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, str(tmp_path / "nowhere.csv")) == 2
    assert "no such file" in capsys.readouterr().err
