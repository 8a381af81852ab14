"""Commands that query the warehouse when there is none, or when nobody reads their output."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import BinaryIO

import psutil
import pytest

from social_crm.settings import PROJECT_ROOT

ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT_ROOT / "plugins")}
NOWHERE = "postgresql://transformer:canary@127.0.0.1:1/none"
ASKING = (
    "database",
    "labels export",
    "labels add {labels} --by me",
    "identities undo --author a --customer c --by me --reason why",
    "privacy.erasure preview email:ann@example.com",
    "privacy.erasure reapply",
)
# Whoever starts tests in the background, as with nohup, has them and what they start ignore it.
HEARING = ["env", "--default-signal=INT", sys.executable]
INTERRUPTED = """
import os, signal, sys
from social_crm.command import run_command
sys.exit(run_command(lambda: os.kill(os.getpid(), signal.SIGINT), if_interrupted="nothing was changed"))
"""
ENDLESS = """
import sys
from social_crm import labels
labels.export_labels = lambda: ("{}\\n" for _ in range(1_000_000))
sys.argv = ["labels", "export"]
sys.exit(labels.main())
"""


@pytest.mark.parametrize("module", ["labels export", "dashboards.metric_query contacts"])
def test_a_command_without_settings_names_the_one_that_is_missing(module: str) -> None:
    name, argument = module.split()
    command = [sys.executable, "-m", f"social_crm.{name}", argument]
    ended = subprocess.run(command, capture_output=True, env=ENVIRONMENT, text=True, timeout=120, check=False)
    assert (ended.returncode, "Traceback" in ended.stderr) == (2, False)
    assert "is not set: give it in the environment" in ended.stderr


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        (NOWHERE, "Start it, or correct host and port"),
        # What follows an "@" or "/" of a password is read as a host.
        (NOWHERE.replace("canary", "pass@canary"), "%40"),
        (NOWHERE.replace("canary", "pass/canary"), "%2F"),
    ],
)
@pytest.mark.parametrize("command", ASKING)
def test_a_command_that_does_not_reach_the_warehouse_says_so_in_a_line(
    command: str, url: str, remedy: str, tmp_path: Path
) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("interaction_id,decision,value\nx:1,is_serviceable,true\n")
    roles = ("ADMIN", "LOADER", "TRANSFORMER", "READER")
    settings = {f"WAREHOUSE_{role}_URL": url for role in roles}
    settings |= {"WAREHOUSE_PSEUDONYM_KEY": "key", "WAREHOUSE_BI_SECRET": "secret"}
    words = ["-m", *f"social_crm.{command.format(labels=labels)}".split()]
    ended = subprocess.run(
        [sys.executable, *words], capture_output=True, env=ENVIRONMENT | settings, text=True, timeout=120, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert ended.stderr.startswith("error: ")
    assert remedy in ended.stderr
    assert "canary" not in ended.stderr


def test_a_command_that_is_interrupted_says_what_that_leaves() -> None:
    ended = subprocess.run([*HEARING, "-c", INTERRUPTED], capture_output=True, env=ENVIRONMENT, check=False)
    assert (ended.returncode, ended.stderr) == (130, b"error: interrupted; nothing was changed\n")


def test_a_command_over_all_cores_is_interrupted_in_one_line() -> None:
    command = [*HEARING, "-m", "social_crm.enrichment.sentiment"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=ENVIRONMENT, start_new_session=True, **pipes) as asked:  # type: ignore[call-overload]
        feeding = Thread(target=feed, args=[asked.stdin], daemon=True)
        feeding.start()
        reading = Thread(target=asked.stdout.read, daemon=True)
        reading.start()
        # While its workers import what they need, and so at the worst moment.
        while not (workers := psutil.Process(asked.pid).children()):
            time.sleep(0.01)
        assert workers
        time.sleep(0.3)
        os.killpg(asked.pid, signal.SIGINT)
        told = asked.stderr.read().decode()
    assert (asked.returncode, told.count("\n")) == (130, 1), told
    assert told.startswith("error: interrupted")


def feed(stream: BinaryIO) -> None:
    """Write texts for as long as somebody reads them."""
    with suppress(BrokenPipeError):
        while True:
            stream.write(b'{"text": "Charged twice!"}\n' * 10_000)


def test_every_command_ends_by_the_same_rule() -> None:
    # These two serve until they are stopped.
    serving = {"orchestration/preload.py", "local/sample_api/__main__.py"}
    package = PROJECT_ROOT / "plugins/social_crm"
    commands = {str(path.relative_to(package)): path.read_text() for path in package.rglob("*.py")}
    ends = {name: text.partition('if __name__ == "__main__":')[2] for name, text in commands.items()}
    assert {name for name, end in ends.items() if end and "run_command(" not in end} == serving


def test_an_export_ends_in_peace_when_nobody_reads_on() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as export:
        assert export.stdout
        assert export.stderr
        assert export.stdout.readline() == b"{}\n"
        export.stdout.close()
        assert export.stderr.read() == b""
    assert export.returncode == 0
