"""Landing against plain COPY: records a second from JSON lines on disk into the warehouse, and peak memory.

`python benchmarks/landing.py --records 1000000` prints one Markdown row. Both read the same file and write to the same
server, in child processes, by turns: landing parses, validates, hashes, compares and keeps its ledger; COPY does not.
"""

import argparse
import multiprocessing
import random
import resource as process_resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import orjson
import psycopg

from social_crm.database.preparation import prepare
from social_crm.landing.loading import load_resource
from social_crm.local import postgres
from social_crm.settings import environment, load_settings
from social_crm.sources.model import Connection, Page, Request, Resource, Source, Window

START = datetime(2026, 10, 5, tzinfo=UTC)
WINDOW = Window(START, START + timedelta(days=1))
PAGE_RECORDS = 100  # the most that X returns
WORDS = (
    *("why", "is", "the", "app", "down", "again", "my", "card", "was", "declined", "at", "checkout", "and", "nobody"),
    *("answers", "please", "help", "thanks", "for", "quick", "fix", "refund", "fee", "branch", "transfer", "pending"),
    *("since", "monday", "still", "waiting", "😡", "🙏", "@AcmeBank", "#outage", '"urgent"', "https://t.co/a1b2c3"),
)


def make_post(number: int, chance: random.Random) -> dict[str, object]:
    """Return the post with that number, as the X API would send it."""
    created_at = START + timedelta(milliseconds=number % 86_400_000)
    native_id, author_id = str(1_975_000_000_000_000_000 + number), str(chance.randrange(10**9, 10**10))
    stamp = created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "id": native_id,
        "text": " ".join(chance.choices(WORDS, k=chance.randint(8, 32))),
        "author_id": author_id,
        "created_at": stamp,
        "conversation_id": str(1_975_000_000_000_000_000 + number // 3),
        "edit_history_tweet_ids": [native_id],
        "lang": "en",
        "public_metrics": {
            name: chance.randrange(50) for name in ("retweet_count", "reply_count", "like_count", "impression_count")
        },
        "entities": {"mentions": [{"start": 0, "end": 9, "username": "AcmeBank", "id": "2244994945"}]},
        "author": {
            "id": author_id,
            "username": f"customer_{author_id}",
            "name": f"Customer {author_id[:4]}",
            "verified": False,
            "created_at": "2015-01-01T00:00:00.000Z",
            "public_metrics": {"followers_count": chance.randrange(5_000)},
        },
    }


def write_posts(path: Path, records: int) -> None:
    """Write deterministic posts as JSON lines."""
    chance = random.Random(2026)
    with path.open("wb") as lines:
        for number in range(records):
            lines.write(orjson.dumps(make_post(number, chance)) + b"\n")


def read_pages(path: Path) -> Callable[[Request], Iterator[Page]]:
    """Return an extractor that reads the file as a source would: parsed records, page by page."""

    def extract(_: Request) -> Iterator[Page]:
        with path.open("rb") as lines:
            while page := [orjson.loads(line) for line in islice(lines, PAGE_RECORDS)]:
                yield Page(page)

    return extract


def posts_of(path: Path) -> Source:
    """Return a source that reads the file."""
    posts = Resource(
        name="posts",
        extract=read_pages(path),
        key=lambda record: record["edit_history_tweet_ids"][0],
        event_at=lambda record: record["created_at"],
        version_at=lambda record: record["created_at"],
        description="Posts.",
        deletions="none",
    )
    return Source("benchmark", "Benchmark", "Posts on disk.", (posts,), check=lambda _: None)


def land(path: Path) -> None:
    """Load the file through the warehouse's own path."""
    source = posts_of(path)
    load_resource(source, source.resources[0], Connection(str(path)), WINDOW, "benchmark")


def copy_plainly(path: Path) -> None:
    """Load the file by COPY into a table of one jsonb column."""
    with (
        psycopg.connect(load_settings().warehouse_admin_url, autocommit=True) as admin,
        path.open("rb") as lines,
        admin.cursor().copy("copy plain_posts from stdin") as copy,
    ):
        while block := lines.readlines(64 * 1024):
            copy.write(b"".join(block).replace(b"\\", b"\\\\"))


def measure(work: Callable[[Path], None], path: Path) -> tuple[float, float]:
    """Return seconds and peak MB of the work in a fresh process."""
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as child:
        return child.submit(_measured, work, path).result()


def _measured(work: Callable[[Path], None], path: Path) -> tuple[float, float]:
    started = time.perf_counter()
    work(path)
    seconds = time.perf_counter() - started
    return seconds, process_resource.getrusage(process_resource.RUSAGE_SELF).ru_maxrss / 1024


def prepared_server(directory: Path) -> tuple[Path, dict[str, str]]:
    """Start a server with production's durability and return its data directory and the settings for children."""
    data_dir = directory / "postgres" / "data"
    server = postgres.start(data_dir)
    urls = {
        "WAREHOUSE_ADMIN_URL": server.url(),
        "WAREHOUSE_LOADER_URL": server.url("postgres", "loader", "benchmark"),
        "WAREHOUSE_TRANSFORMER_URL": server.url("postgres", "transformer", "benchmark"),
        "WAREHOUSE_READER_URL": server.url("postgres", "bi_reader", "benchmark"),
        "WAREHOUSE_PSEUDONYM_KEY": "benchmark",
        "WAREHOUSE_BI_SECRET": "benchmark",
    }
    return data_dir, urls


def run(path: Path, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Measure both methods in turns, each into empty tables; then landing once more, with everything landed already."""
    prepare(load_settings(), (posts_of(path),))
    measured: dict[str, list[tuple[float, float]]] = {"copy": [], "land": [], "again": []}
    with psycopg.connect(load_settings().warehouse_admin_url, autocommit=True) as admin:
        for _ in range(rounds):
            for name, work in (("copy", copy_plainly), ("land", land)):
                admin.execute("drop table if exists plain_posts; create table plain_posts (payload jsonb not null)")
                admin.execute("truncate raw_benchmark.posts, raw.load_ledger cascade")
                admin.execute("checkpoint")
                measured[name].append(measure(work, path))
        measured["again"].append(measure(land, path))
    return measured


def main() -> None:
    """Print a Markdown row: median rates, their ratio, peak memory of the landing process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark_") as name:
        path = Path(name) / "posts.jsonl"
        write_posts(path, arguments.records)
        record_bytes = path.stat().st_size // arguments.records
        data_dir, urls = prepared_server(Path(name))
        try:
            with environment(urls):
                measured = run(path, arguments.rounds)
        finally:
            postgres.stop(data_dir)
    rate = {name: arguments.records / statistics.median(s for s, _ in runs) for name, runs in measured.items()}
    ratio = statistics.median(
        copied / landed for (copied, _), (landed, _) in zip(measured["copy"], measured["land"], strict=True)
    )
    peak = max(peak for name in ("land", "again") for _, peak in measured[name])
    print("| records | bytes each | plain COPY/s | landed/s | of COPY | read again/s | peak MB |")
    print("|---|---|---|---|---|---|---|")
    print(
        f"| {arguments.records:,} | {record_bytes} | {rate['copy']:,.0f} | {rate['land']:,.0f} | {ratio:.2f}"
        f" | {rate['again']:,.0f} | {peak:.0f} |"
    )


if __name__ == "__main__":
    main()
