"""One transform for one new day against a full refresh of everything, in seconds, server CPU and memory.

`python benchmarks/transform.py --interactions 100000 1000000` prints a Markdown row for each size of a mixed history of
60 days; `--conversations 10000 100000` for tickets with their changes over a year. With `--parts 12`, a history arrives
as in a backfill, month by month, each with its own transform; the full refresh then covers all of them. A transform
here is what the DAG runs without the gate: begin, stage, enrich, build, publish, including dbt's own overhead; `build`
is staging to star alone. Both run on a throw-away embedded Postgres. Memory is the peak of this process and of the
private memory of all server processes together.
"""

import argparse
import resource as process_resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from pathlib import Path

import psutil
import psycopg

from social_crm.database.preparation import prepare
from social_crm.local import postgres
from social_crm.publishing.publication import publish
from social_crm.settings import Settings, environment, load_settings
from social_crm.sources import SOURCES
from social_crm.transform.parts import build, enrich, stage
from social_crm.transform.runs import begin_transform

SLOWEST_SHOWN = 40
PEOPLE = Path(__file__).with_name("people_history.sql")


@dataclass(frozen=True)
class History:
    """A kind of synthetic history: its length, what writes it, and which table of `bi` shows its size."""

    unit: str
    days: int
    authors_per_unit: float

    @property
    def script(self) -> Path:
        """Return the SQL that writes some of its days."""
        return Path(__file__).with_name(f"{self.unit}_history.sql")


HISTORIES = [History("interactions", 60, 0.1), History("conversations", 365, 0.33)]


@dataclass(frozen=True)
class Cost:
    """The cost of one transform."""

    seconds: float
    build_seconds: float
    server_cpu_seconds: float
    server_mb: float
    own_mb: float


def main() -> None:
    """Measure each requested size and print one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    for history in HISTORIES:
        parser.add_argument(f"--{history.unit}", type=int, nargs="+", default=[])
    parser.add_argument("--parts", type=int, default=1)
    arguments = vars(parser.parse_args())
    parts = arguments.pop("parts")
    if not any(arguments.values()):
        arguments = {"interactions": [100_000], "conversations": [10_000]}
    print("| history | new day | full refresh s (build) | new day s (build) | server CPU s (full, day) | share | MB |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for history in HISTORIES:
        for size in arguments.get(history.unit, []):
            with tempfile.TemporaryDirectory(prefix="transform-", ignore_cleanup_errors=True) as directory:
                print(measure(history, size, parts, Path(directory)), flush=True)


def measure(history: History, size: int, parts: int, directory: Path) -> str:
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
            costs = []
            for part in range(parts):
                write_days(admin, history, size, history.days * part // parts + 1, history.days * (part + 1) // parts)
                costs.append(cost_of(server, full_refresh=part == 0))
            full = add(costs)
            before = count(admin, history)
            write_days(admin, history, size, history.days + 1, history.days + 1)
            day = cost_of(server, full_refresh=False)
            added = count(admin, history) - before
    finally:
        postgres.stop(directory / "data")
    return (
        f"| {before:,} {history.unit} | {added:,} | {full.seconds:.1f} ({full.build_seconds:.1f})"
        f" | {day.seconds:.1f} ({day.build_seconds:.1f}) | {full.server_cpu_seconds:.1f}, {day.server_cpu_seconds:.1f}"
        f" | {day.server_cpu_seconds / full.server_cpu_seconds:.1%}"
        f" | {full.server_mb:.0f}, {day.server_mb:.0f}, own {full.own_mb:.0f} |"
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
        bi_secret="benchmark",
    )
    load_settings.cache_clear()
    with environment(settings.as_environment()):
        yield
    load_settings.cache_clear()


def write_days(admin: psycopg.Connection, history: History, size: int, first_day: int, last_day: int) -> None:
    """Write synthetic raw rows and their ledger rows, as if landed and checked."""
    values = {
        "first_day": first_day,
        "last_day": last_day,
        "per_day": size // history.days,
        "authors": int(size * history.authors_per_unit),
    }
    with admin.transaction():
        for statement in (history.script.read_text() + PEOPLE.read_text()).split(";\n"):
            if statement.strip():
                admin.execute(statement, values)  # type: ignore[arg-type]
    admin.execute("vacuum analyze")


def transform(run_id: str, *, full_refresh: bool) -> float:
    """Run one transform as the DAG does, without the gate; return how long the build took."""
    transform_id = begin_transform(run_id, full_refresh=full_refresh)
    if transform_id is None:
        raise AssertionError("nothing is pending")
    nodes = stage(transform_id)
    started = time.monotonic()
    enrich(transform_id)
    enriched = time.monotonic()
    nodes += build(transform_id)
    built = time.monotonic()
    publish(transform_id)
    steps = {"enrich": enriched - started, "publish": time.monotonic() - built}
    steps |= {node.node: node.seconds for node in nodes}
    slowest = sorted(steps.items(), key=lambda step: -step[1])[:SLOWEST_SHOWN]
    print(f"{run_id}:", ", ".join(f"{name} {seconds:.1f} s" for name, seconds in slowest), file=sys.stderr, flush=True)
    return built - enriched


def cost_of(server: postgres.EmbeddedServer, *, full_refresh: bool) -> Cost:
    """Run one transform and return its cost."""
    peak, is_over = [0.0], threading.Event()
    watcher = threading.Thread(target=watch, args=(server, peak, is_over))
    watcher.start()
    started, cpu_before = time.monotonic(), server_cpu_seconds(server)
    try:
        built = transform("full refresh" if full_refresh else "new day", full_refresh=full_refresh)
    finally:
        seconds = time.monotonic() - started
        is_over.set()
        watcher.join()
    cpu = server_cpu_seconds(server) - cpu_before
    return Cost(seconds, built, cpu, peak[0], process_resource.getrusage(process_resource.RUSAGE_SELF).ru_maxrss / 1024)


def add(costs: list[Cost]) -> Cost:
    """Return the cost of several transforms together: the sum of times, the highest memory."""
    columns = [[*column] for column in zip(*(astuple(cost) for cost in costs), strict=True)]
    return Cost(*(sum(column) for column in columns[:3]), *(max(column) for column in columns[3:]))


def server_cpu_seconds(server: postgres.EmbeddedServer) -> float:
    """Return the CPU time of the server and its backends, including those that have ended."""
    postmaster = psutil.Process(int((server.data_dir / "postmaster.pid").read_text().split()[0]))
    total = postmaster.cpu_times()
    alive = 0.0
    for child in postmaster.children():
        with suppress(psutil.NoSuchProcess):
            alive += sum(child.cpu_times()[:2])
    return total.user + total.system + total.children_user + total.children_system + alive


def watch(server: postgres.EmbeddedServer, peak: list[float], is_over: threading.Event) -> None:
    """Record the highest sum of private memory, in MB, of the server and its backends."""
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


def count(admin: psycopg.Connection, history: History) -> int:
    """Return how many interactions or conversations BI can see."""
    row = admin.execute(f"select count(*) from bi.fct_{history.unit}").fetchone()  # type: ignore[arg-type]
    return int(row[0]) if row else 0


if __name__ == "__main__":
    main()
