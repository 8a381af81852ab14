"""Real customer service on Twitter, replayed through the sample server as X: the star finds the published times."""

import csv
import json
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from social_crm.settings import PROJECT_ROOT, Settings
from social_crm.sources.model import Connection, Window
from worlds.real_flow import ask, land, transform

WINDOW = Window(datetime(2007, 1, 1, tzinfo=UTC), datetime(2018, 1, 1, tzinfo=UTC))


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def stamp(created_at: str) -> str:
    """Return Twitter's first date format in X's present one."""
    return datetime.strptime(created_at, "%a %b %d %H:%M:%S %z %Y").strftime("%Y-%m-%dT%H:%M:%SZ")


def write_as_company(tweets: list[dict[str, str]], path: Path) -> list[str]:
    """Write tweets and their authors as the sample server's story; returns the companies' handles."""
    handles = sorted({tweet["author_id"] for tweet in tweets if tweet["inbound"] == "False"})
    ids = {handle: str(900_000_000 + number) for number, handle in enumerate(handles)}
    lines = []
    for author in sorted({tweet["author_id"] for tweet in tweets}):
        user = {"id": ids.get(author, author), "username": author, "name": author, "ours": author in ids}
        lines.append({**user, "created_at": "2009-01-01T00:00:00Z", "verified": False, "followers": 1})
    for tweet in tweets:
        post = {"id": tweet["tweet_id"], "at": stamp(tweet["created_at"]), "text": tweet["text"], "lang": "en"}
        post |= {"by": ids.get(tweet["author_id"], tweet["author_id"]), "root": tweet["conversation_root"], "likes": 0}
        lines.append(post | ({"reply_to": parent} if (parent := tweet["in_response_to_tweet_id"]) else {}))
    path.write_text("\n".join(json.dumps(line) for line in lines))
    return handles


@pytest.fixture
def tweets(shared_data: Path) -> list[dict[str, str]]:
    return read(shared_data / "twcs/twcs_conversations.csv")


@pytest.fixture
def x_of_real_companies(tweets: list[dict[str, str]], tmp_path: Path) -> Iterator[Connection]:
    """Serve the threads over X's wire format; the process ends with the test."""
    handles = write_as_company(tweets, tmp_path / "company.jsonl")
    command = [sys.executable, "-m", "social_crm.local.sample_api", "--state", str(tmp_path / "state")]
    server = subprocess.Popen(
        [*command, "--x-posts", str(tmp_path / "company.jsonl"), "--token", "real-threads"],
        stdout=subprocess.PIPE, text=True, cwd=PROJECT_ROOT / "plugins",
    )  # fmt: skip
    assert server.stdout
    yield Connection(server.stdout.readline().strip(), "", "real-threads", {"accounts": handles})
    server.terminate()
    server.wait(timeout=20)


def test_reply_seconds_equal_the_published_ones(
    warehouse: Settings, shared_data: Path, tweets: list[dict[str, str]], x_of_real_companies: Connection
) -> None:
    counts = land("x.posts", x_of_real_companies, WINDOW)
    accounts = ", ".join(f"('x', lower('{name}'))" for name in x_of_real_companies.options["accounts"])
    transform(prepare_seeds=f"insert into seeds.source_accounts (source, source_account) values {accounts}")

    replies = dict(
        ask(
            "select split_part(interaction_id, ':', 2), reply_seconds from bi.fct_interactions"
            " where reply_seconds is not null"
        )
    )
    landed = {native_id for (native_id,) in ask("select split_part(interaction_id, ':', 2) from bi.fct_interactions")}
    assert counts.quarantined == 0
    assert len(landed) == counts.appended

    # Which tweets a search for the companies finds, said in a loop rather than in SQL.
    handles = {name.lower() for name in x_of_real_companies.options["accounts"]}
    found = {
        tweet["tweet_id"]
        for tweet in tweets
        if tweet["inbound"] == "False" or any(f"@{handle}" in tweet["text"].lower() for handle in handles)
    }
    assert len(found ^ landed) < 0.01 * len(found)

    pairs = [
        pair
        for pair in read(shared_data / "twcs/response_pairs_sample.csv")
        if pair["customer_tweet_id"] in landed and pair["reply_tweet_id"] in landed
    ]
    # The others answer posts that name no company, which X's search does not find.
    assert len(pairs) > 1700
    wrong = [pair for pair in pairs if replies.get(pair["reply_tweet_id"]) != float(pair["response_time_seconds"])]
    assert wrong == []

    published, ours = defaultdict(list), defaultdict(list)
    for pair in pairs:
        published[pair["agent_id"]].append(float(pair["response_time_seconds"]))
        ours[pair["agent_id"]].append(float(replies[pair["reply_tweet_id"]]))
    assert {brand: statistics.median(times) for brand, times in published.items()} == {
        brand: statistics.median(times) for brand, times in ours.items()
    }
