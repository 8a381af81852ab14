"""The command line: JSON lines in, the same lines with sentiment and language out."""

import json
import os
import subprocess
import sys
from pathlib import Path

from social_crm.settings import PROJECT_ROOT

COMMAND = [sys.executable, "-m", "social_crm.enrichment.sentiment"]
# Neither warehouse settings nor anything else of this process.
ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT_ROOT / "plugins")}


def run(content: bytes, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments], input=content, capture_output=True, env=ENVIRONMENT, cwd=cwd, timeout=120, check=False
    )


def test_objects_come_back_with_sentiment_and_language(tmp_path: Path) -> None:
    lines = [
        {"id": 7, "text": "I love how quickly you helped me with this", "nested": {"é": [1, 2.5, None]}},
        {"text": "¿Por qué me cobraron dos veces la comisión de mi tarjeta?"},
    ]
    ended = run("\n".join(json.dumps(line) for line in lines).encode(), cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, b"")
    first, second = (json.loads(line) for line in ended.stdout.splitlines())
    assert {key: first[key] for key in lines[0]} == lines[0]
    assert first["language"] == "en"
    assert first["sentiment"] == {
        "compound": 0.6369,
        "positive": 0.344,
        "neutral": 0.656,
        "negative": 0.0,
        "care_compound": 0.7236,
        "label": "positive",
        "unscored_reason": None,
    }
    assert second["language"] == "es"
    assert second["sentiment"] == dict.fromkeys(first["sentiment"]) | {"unscored_reason": "language_without_lexicon"}


def test_bad_lines_are_named_by_number_and_passed_over() -> None:
    secret = b"4000 1234 5678 9010"
    bad = [
        b"{" + secret,
        b'{"txt": "x"}',
        b'["text"]',
        b'{"text": null}',
        b'{"text": "\xff' + secret + b'"}',
        b"[" * 100_000,
    ]
    bad.append(b'{"text": "x", "n": NaN}')
    good = b'{"text": "Great!"}'
    ended = run(b"\n".join([good, *bad, b"", good]) + b"\n")
    assert ended.returncode == 1
    assert [line.split(b":")[0] for line in ended.stderr.splitlines()] == [b"line %d" % n for n in range(2, 9)]
    assert secret not in ended.stderr
    assert ended.stdout.count(b'"label": "positive"') == 2


def test_half_a_surrogate_pair_and_a_byte_order_mark_are_no_obstacle() -> None:
    ended = run(b'\xef\xbb\xbf{"text": "Great \\ud83d"}\r\n')
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["text"] == "Great \ud83d"


def test_an_answer_comes_before_the_input_ends() -> None:
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b'{"text": "Great!"}\n')
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["sentiment"]["label"] == "positive"
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def test_big_input_comes_back_whole_and_in_order() -> None:
    lines = [
        json.dumps({"id": number, "text": f"this is good number {number} " + "x" * 100}) for number in range(12_000)
    ]
    ended = run("\n".join(lines).encode())
    assert ended.returncode == 0
    assert [json.loads(line)["id"] for line in ended.stdout.splitlines()] == list(range(12_000))


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    ) as p:
        assert p.stdin is not None
        assert p.stdout is not None
        assert p.stderr is not None
        p.stdout.close()
        p.stdin.write(b'{"text": "Great!"}\n')
        p.stdin.close()
        assert p.stderr.read() == b""
        assert p.wait(timeout=60) == 0


def test_help_shows_an_example() -> None:
    assert b"echo '" in run(b"", "--help").stdout
