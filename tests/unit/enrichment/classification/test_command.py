"""The command line: JSON lines in, the same lines with every decision out."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from social_crm.enrichment.classification import classifier_version
from social_crm.settings import PROJECT_ROOT

ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT_ROOT / "plugins")}


def run(module: str, content: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", f"social_crm.enrichment.{module}", *arguments]
    return subprocess.run(command, input=content, capture_output=True, env=ENVIRONMENT, timeout=300, check=False)


def test_objects_come_back_with_every_decision_and_who_made_it() -> None:
    lines = [
        {"id": 7, "text": "@AcmeBank why was I charged twice? My card is 4111 1111 1111 1111"},
        {"text": "me cobraron dos veces", "language": "es"},
        {"text": "어제부터 앱이 열리지 않아요 확인 부탁드립니다"},
    ]
    ended = run("classification", "\n".join(map(json.dumps, lines)).encode())
    assert (ended.returncode, ended.stderr) == (0, b"")
    first, second, third = (json.loads(line) for line in ended.stdout.splitlines())
    assert {key: first[key] for key in lines[0]} == lines[0]
    found = first["classification"]
    assert (first["language"], found["version"]) == ("en", classifier_version())
    assert (found["is_serviceable"], found["serviceable_decided_by"]) == (True, "rule")
    assert {kind["code"] for kind in found["contact_types"]} == {"complaint", "question"}
    assert all(kind["decision_id"].startswith(kind["code"]) for kind in found["contact_types"])
    assert [issue["decision_id"] for issue in found["issues"]] == ["issue_billing"]
    assert found["flags"] == [{"flag": "card_number", "decision_id": "flag_card_number"}]
    assert second["classification"]["contact_types"][0]["decision_id"] == "complaint_es"
    assert third["language"] == "ko"
    assert third["classification"]["contact_type"] is third["classification"]["is_serviceable"] is None


def test_bad_lines_are_named_by_number_and_passed_over() -> None:
    secret = b"4000 1234 5678 9010"
    good = b'{"text": "Great service!"}'
    ended = run("classification", b"\n".join([good, b'{"text": "' + secret, b"[1]", good]))
    assert ended.returncode == 1
    assert [line.split(b":")[0] for line in ended.stderr.splitlines()] == [b"line 2", b"line 3"]
    assert secret not in ended.stderr
    assert ended.stdout.count(b'"contact_type": "compliment"') == 2


def test_many_lines_are_spread_over_processes_and_keep_their_order() -> None:
    texts = [f"my transfer number {number} is still waiting " + "and waiting " * 40 for number in range(2_000)]
    content = "\n".join(json.dumps({"text": text}) for text in texts).encode()
    ended = run("classification", content)
    assert ended.returncode == 0
    assert [json.loads(line)["text"] for line in ended.stdout.splitlines()] == texts


def test_training_writes_a_model_that_the_command_uses(tmp_path: Path) -> None:
    labels = [
        {"text": f"the {thing} {verb} {when}", "contact_type": kind}
        for verb, kind in (("zorbles", "complaint"), ("glimmers", "compliment"))
        for thing in ("blue lamp of the hall", "green door of the house")
        for when in ("now", "then", "often", "today", "seldom", "always")
    ]
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(map(json.dumps, labels)))
    trained = run("training", b"", str(path), "--out", str(tmp_path / "model"))
    assert (trained.returncode, trained.stderr) == (0, b"")
    ended = run("classification", b'{"text": "the door of the hall zorbles"}', "--model", str(tmp_path / "model"))
    (found,) = (json.loads(line)["classification"] for line in ended.stdout.splitlines())
    assert (found["contact_type"], found["contact_types"][0]["decided_by"]) == ("complaint", "model")
    assert found["version"].startswith(f"{classifier_version()}+features-")


def test_a_folder_without_a_model_is_refused_before_any_line_is_read(tmp_path: Path) -> None:
    ended = run("classification", b'{"text": "x"}', "--model", str(tmp_path))
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert b"model.json cannot be read" in ended.stderr


def test_a_model_that_is_gone_can_be_trained_anew_while_the_setting_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ENVIRONMENT, "WAREHOUSE_CLASSIFIER_MODEL", str(tmp_path / "gone"))
    labels = tmp_path / "labels.jsonl"
    labels.write_text("")
    ended = run("training", b"", str(labels), "--out", str(tmp_path / "gone"))
    assert b"no task has two labels" in ended.stderr
    ended = run("classification", b'{"text": "x"}')
    assert (ended.returncode, b"Traceback" in ended.stderr) == (2, False)
    assert b"model.json cannot be read" in ended.stderr
