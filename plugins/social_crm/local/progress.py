"""Progress on the terminal while Airflow works: one line that is updated, or an occasional line in a file."""

import sys
import time
from collections.abc import Iterable

import httpx

from social_crm.local.airflow_api import Run

LINE_SECONDS = 10.0


class Progress:
    """Prints what begins, and how far it is."""

    def __init__(self) -> None:
        """Start the clock."""
        self._started = time.monotonic()
        self._last_line = ("", 0.0)

    def say(self, text: str) -> None:
        """Print a separate line, with the seconds since the start."""
        self._clear()
        print(f"[{time.monotonic() - self._started:4.0f} s] {text}", flush=True)

    def show(self, text: str) -> None:
        """Update the bottom line of a terminal; elsewhere print it if it changed and some seconds have passed."""
        if sys.stdout.isatty():
            print(f"\r\033[K         {text}", end="", flush=True)
            return
        before, printed_at = self._last_line
        if text != before and time.monotonic() - printed_at >= LINE_SECONDS:
            self._last_line = (text, time.monotonic())
            self.say(text)

    def _clear(self) -> None:
        if sys.stdout.isatty():
            print("\r\033[K", end="")


def describe(runs: Iterable[Run], days: Iterable[str]) -> str:
    """Return how many of the given days each source has landed, and what the transform is doing."""
    wanted = set(days)
    finished: dict[str, int] = {}
    transforms: list[Run] = []
    for run in runs:
        if run.dag_id == "transform":
            transforms.append(run)
        elif run.day in wanted:
            source = run.dag_id.removeprefix("ingest_")
            finished[source] = finished.get(source, 0) + (run.state == "success")
    sources = "  ".join(f"{source} {count}/{len(wanted)}" for source, count in sorted(finished.items()))
    running = any(not run.is_finished for run in transforms)
    published = sum(run.state == "success" for run in transforms)
    return f"days landed: {sources}   transform: {published} done{', one running' if running else ''}"


def told(error: Exception) -> str:
    """Return an error's text; for a timeout, which would only say "timed out", also where it happened."""
    if isinstance(error, httpx.RequestError):
        return f"{error.request.url} gave no answer, `make demo` again continues: {error}"
    return str(error)
