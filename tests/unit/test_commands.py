"""Commands that ask the warehouse, where there is none to ask, or nobody who reads on."""

import os
import subprocess
import sys

import pytest

from social_crm.settings import PROJECT_ROOT

ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT_ROOT / "plugins")}
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
