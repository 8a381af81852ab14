"""What targets find in their environment on machines that are set up otherwise than ours."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def programs(folder: Path, *names: str) -> str:
    """Return a search path with these alone."""
    for name in names:
        (folder / name).symlink_to(str(shutil.which(name)))
    return str(folder)


def test_python_is_found_where_uv_keeps_it_and_without_any_it_says_what_to_do(tmp_path: Path) -> None:
    (clone := tmp_path / "clone").mkdir()
    for name in ("Makefile", "requirements.lock"):
        shutil.copy(ROOT / name, clone)
    (tmp_path / "bin").mkdir()
    path = programs(tmp_path / "bin", "sh", "make", "test", "locale")
    make = [f"{path}/make", "setup"]
    absent = subprocess.run(make, cwd=clone, env={"PATH": path}, capture_output=True, text=True, check=False)
    assert absent.returncode
    assert "`uv python install 3.11` needs no root" in absent.stderr
    managed, uv = tmp_path / "managed python", tmp_path / "bin/uv"
    managed.write_text("#!/bin/sh\necho found >&2; exit 1\n")
    uv.write_text(f"#!/bin/sh\necho '{managed}'\n")
    for program in (managed, uv):
        program.chmod(0o755)
    found = subprocess.run(make, cwd=clone, env={"PATH": path}, capture_output=True, text=True, check=False)
    assert found.stderr.startswith("found")


def environment_of_targets(**shell: str) -> dict[str, str]:
    """Return the environment of a recipe, given that of the shell; an empty value is none."""
    known = {name: value for name, value in ({"PATH": os.environ["PATH"]} | shell).items() if value}
    asked = subprocess.run(
        ["make", "--no-print-directory", "-f", "Makefile", "-f", "-", "probe"],
        input="probe:\n\t@env\n", cwd=ROOT, env=known, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return dict(line.split("=", 1) for line in asked.stdout.splitlines() if "=" in line)


def test_what_is_served_here_passes_by_no_proxy(tmp_path: Path) -> None:
    home = str(tmp_path)
    found = environment_of_targets(HOME=home, http_proxy="http://proxy.example:3128", NO_PROXY="internal.example")
    assert found["http_proxy"] == "http://proxy.example:3128"
    assert found["no_proxy"] == found["NO_PROXY"] == "internal.example,127.0.0.1,localhost"


@pytest.mark.parametrize(("home", "is_writable"), [("", False), ("/nonexistent", False), ("{here}", True)])
def test_without_a_home_to_write_to_the_cache_is_beside_what_is_installed(
    home: str, is_writable: bool, tmp_path: Path
) -> None:
    found = environment_of_targets(HOME=home.format(here=tmp_path))
    assert found.get("UV_CACHE_DIR") == (None if is_writable else str(ROOT / ".venv/uv-cache"))


@pytest.mark.parametrize(("wanted", "given"), [("xx_XX.UTF-8", "C.UTF-8"), ("C", "C.UTF-8"), ("C.UTF-8", "C.UTF-8")])
def test_a_locale_that_the_machine_has_not_stands_in_no_path_s_way(wanted: str, given: str) -> None:
    assert environment_of_targets(LC_ALL=wanted)["LC_ALL"] == given
