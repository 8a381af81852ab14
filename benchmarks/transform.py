"""One transform for one new day against a full refresh of everything, in seconds and memory.

`python benchmarks/transform.py --interactions 100000 1000000` prints a Markdown row for each size. A transform here is
what the DAG runs without the gate: begin, stage, enrich, build, publish, dbt's own overhead included. Both run on a
throw-away embedded Postgres; memory is the peak of this process and of private memory of all server processes together.
"""

import argparse
import resource as process_resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from social_crm.database import prepare
from social_crm.enrichment.texts import enrich_texts
from social_crm.local import postgres
from social_crm.modelling import BUILD, STAGE, run_models
from social_crm.publishing import begin_transform, publish
from social_crm.settings import Settings, environment, load_settings
from social_crm.sources import SOURCES

HISTORY_DAYS = 60
SLOWEST_SHOWN = 12
HISTORY = Path(__file__).with_name("transform_history.sql")


@dataclass(frozen=True)
class Cost:
    """What one transform took."""

    seconds: float
    server_mb: float
    own_mb: float


def main() -> None:
    """Measure each size asked for and print one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interactions", type=int, nargs="+", default=[100_000])
    sizes = parser.parse_args().interactions
    print("| interactions | new day adds | full refresh s | new day s | share | server MB (full, day) | own MB |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="transform-", ignore_cleanup_errors=True) as directory:
            print(measure(size, Path(directory)), flush=True)


def measure(size: int, directory: Path) -> str:
    """Return the table row of one size."""
    # The server's own user must reach its data directory.
    directory.chmod(0o755)
    server = postgres.start(directory / "data", options={"fsync": "off"})
    try:
        with (
            configured(server, directory),
            psycopg.connect(server.url(), autocommit=True, cursor_factory=psycopg.ClientCursor) as admin,
        ):
            prepare(load_settings(), SOURCES)
            per_day = size // HISTORY_DAYS
            write_days(admin, 1, HISTORY_DAYS, per_day)
            full = cost_of(server, full_refresh=True)
            before = count(admin)
            write_days(admin, HISTORY_DAYS + 1, HISTORY_DAYS + 1, per_day)
            day = cost_of(server, full_refresh=False)
            added = count(admin) - before
    finally:
        postgres.stop(directory / "data")
    return (
        f"| {before:,} | {added:,} | {full.seconds:.1f} | {day.seconds:.1f} | {day.seconds / full.seconds:.0%}"
        f" | {full.server_mb:.0f}, {day.server_mb:.0f} | {full.own_mb:.0f} |"
    )


@contextmanager
def configured(server: postgres.EmbeddedServer, directory: Path) -> Iterator[None]:
    """Make the server the warehouse of this process."""
    settings = Settings(
        warehouse_admin_url=server.url(),
        warehouse_loader_url=server.url("postgres", "loader", "loader-benchmark"),
        warehouse_transformer_url=server.url("postgres", "transformer", "transformer-benchmark"),
        warehouse_reader_url=server.url("postgres", "bi_reader", "reader-benchmark"),
        pseudonym_key="benchmark",
        data_docs_dir=directory / "docs",
        dbt_target_dir=directory / "dbt",
    )
    variables = {
        name.upper() if name.startswith("warehouse_") else f"WAREHOUSE_{name.upper()}": str(value)
        for name, value in vars(settings).items()
    }
    load_settings.cache_clear()
    with environment(variables):
        yield
    load_settings.cache_clear()


def write_days(admin: psycopg.Connection, first_day: int, last_day: int, per_day: int) -> None:
    """Write synthetic raw rows and their ledger rows, as if landed and checked."""
    values = {"first_day": first_day, "last_day": last_day, "per_day": per_day, "authors": per_day * 6}
    with admin.transaction():
        for statement in HISTORY.read_text().split(";\n"):
            if statement.strip():
                admin.execute(statement, values)  # type: ignore[arg-type]
    admin.execute("vacuum analyze")


def transform(run_id: str, *, full_refresh: bool) -> None:
    """Run one transform as the DAG does, without the gate."""
    transform_id = begin_transform(run_id, full_refresh=full_refresh)
    if transform_id is None:
        raise AssertionError("nothing is pending")
    nodes = run_models(STAGE, full_refresh)
    started = time.monotonic()
    enrich_texts()
    enriched = time.monotonic()
    nodes += run_models(BUILD, full_refresh)
    built = time.monotonic()
    publish(transform_id)
    steps = {"enrich": enriched - started, "publish": time.monotonic() - built}
    steps |= {node.node: node.seconds for node in nodes}
    slowest = sorted(steps.items(), key=lambda step: -step[1])[:SLOWEST_SHOWN]
    print(f"{run_id}:", ", ".join(f"{name} {seconds:.1f} s" for name, seconds in slowest), file=sys.stderr, flush=True)


def cost_of(server: postgres.EmbeddedServer, *, full_refresh: bool) -> Cost:
    """Run one transform and return what it took."""
    peak, is_over = [0.0], threading.Event()
    watcher = threading.Thread(target=watch, args=(server, peak, is_over))
    watcher.start()
    started = time.monotonic()
    try:
        transform("full refresh" if full_refresh else "new day", full_refresh=full_refresh)
    finally:
        seconds = time.monotonic() - started
        is_over.set()
        watcher.join()
    return Cost(seconds, peak[0], process_resource.getrusage(process_resource.RUSAGE_SELF).ru_maxrss / 1024)


def watch(server: postgres.EmbeddedServer, peak: list[float], is_over: threading.Event) -> None:
    """Keep the highest sum of private memory, in MB, of the server and its backends."""
    postmaster = (server.data_dir / "postmaster.pid").read_text().split()[0]
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children")
    while not is_over.wait(0.2):
        pids = [postmaster, *children.read_text().split()]
        peak[0] = max(peak[0], sum(private_mb(pid) for pid in pids))


def private_mb(pid: str) -> float:
    """Return the memory that one process shares with no other; 0 if it has just ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024


def count(admin: psycopg.Connection) -> int:
    """Return how many interactions BI can see."""
    row = admin.execute("select count(*) from bi.fct_interactions").fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    main()
