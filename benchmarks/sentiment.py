"""The sentiment scorer against vaderSentiment: texts a second on one core and on all, and the worst long messages.

`python benchmarks/sentiment.py` prints Markdown tables. Both scorers take the same real tweets in turns in one process,
so that a busy machine slows both. Times are CPU times, except in the row of all cores.
"""

import argparse
import csv
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from itertools import cycle, islice
from pathlib import Path

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from social_crm.enrichment.assessment import assess
from social_crm.enrichment.care import score_care
from social_crm.enrichment.language import detect_language
from social_crm.enrichment.parallel import spread
from social_crm.enrichment.vader import Scores, read, score, score_reading
from social_crm.settings import PROJECT_ROOT

SHARED_DATA = Path(os.environ.get("SHARED_DATA_DIR", PROJECT_ROOT.parent / "shared/data"))
TURN_TEXTS = 2_000
BATCH_TEXTS = 1_000
LONG = 60_000
# The original needs more than a minute for some of these kinds, so it gets a tenth of the message.
LONG_FOR_ORIGINAL = LONG // 10
KINDS = {
    "one word": "good",
    "one lexicon word, repeated": "good ",
    "emoji only": "😂",
    "emoji of a lexicon word": "💓",
    "punctuation": ":) ",
    "exclamation marks": "!",
    "question marks": "?",
    "spaces": " ",
    "capitals": "GOOD BAD Day ",
    "`not`": "not ",
    "`no`": "no ",
    "`but`": "but ",
    "`good but bad`": "good but bad ",
    "`kind of`": "kind of good ",
    "idioms": "the shit to die for, kiss of death at the bus stop ",
    "mixed scripts": "good 어제부터 плохо 😂 جيد हाय ",
}


def read_texts() -> tuple[str, list[str]]:
    """Return real tweets, or the sample's posts if they are absent, and the name of what was read."""
    if not SHARED_DATA.is_dir():
        posts = (PROJECT_ROOT / "sample/data/x_posts.jsonl").read_text().splitlines()
        return "posts of the sample", [json.loads(post)["text"] for post in posts]
    texts = []
    for name in ("twcs/twcs_merged.csv", "airline_sentiment/tweets_four_airlines.csv"):
        with (SHARED_DATA / name).open(newline="", encoding="utf-8") as file:
            texts += [row["text"] for row in csv.DictReader(file)]
    return "real tweets", texts


def time_cpu(work: Callable[[str], object], texts: list[str]) -> float:
    """Return the CPU seconds that `work` takes over all texts."""
    start = time.process_time()
    for text in texts:
        work(text)
    return time.process_time() - start


def compare_by_turns(works: dict[str, Callable[[str], object]], texts: list[str]) -> dict[str, list[float]]:
    """Return each method's texts a second in each turn; every turn gives all of them the same texts."""
    rates: dict[str, list[float]] = {name: [] for name in works}
    for first in range(0, len(texts), TURN_TEXTS):
        turn = texts[first : first + TURN_TEXTS]
        for name, work in works.items():
            rates[name].append(len(turn) / time_cpu(work, turn))
    return rates


def score_both(text: str) -> tuple[Scores, float]:
    """Score a text by plain VADER and for customer care, as enrichment does."""
    reading = read(text)
    return score_reading(reading), score_care(text, reading)


def assess_batch(texts: list[str]) -> list[object]:
    """Detect the language of a batch and score it, as enrichment does in each of its processes."""
    return [assess(text) for text in texts]


def time_all_cores(texts: list[str]) -> float:
    """Return texts a second by the clock over all cores, including the start of the processes."""
    batches = [texts[first : first + BATCH_TEXTS] for first in range(0, len(texts), BATCH_TEXTS)]
    start = time.perf_counter()
    assessed = sum(map(len, spread(assess_batch, batches)))
    return assessed / (time.perf_counter() - start)


def fill(unit: str, length: int) -> str:
    """Return `unit` repeated, cut at `length` characters."""
    return (unit * (length // len(unit) + 1))[:length]


def print_rates(source: str, texts: list[str], original: Callable[[str], object], all_cores_texts: int) -> None:
    """Print texts a second on one core and on all."""
    works = {
        "vaderSentiment": original,
        "score": score,
        "score, and care": score_both,
        "detect_language": detect_language,
        "detect and score": assess,
    }
    rates = compare_by_turns(works, texts)
    print(f"| {len(texts):,} {source}, one core | texts/s | times vaderSentiment, median (least) |")
    print("| --- | ---: | ---: |")
    for name, rate in rates.items():
        ratios = [own / theirs for own, theirs in zip(rate, rates["vaderSentiment"], strict=True)]
        print(f"| {name} | {statistics.median(rate):,.0f} | {statistics.median(ratios):.2f} ({min(ratios):.2f}) |")
    many = list(islice(cycle(texts), all_cores_texts))
    rate = time_all_cores(many)
    print(f"| detect and score, {os.cpu_count()} cores, {len(many):,} texts by the clock | {rate:,.0f} | |")


def print_long_messages(original: Callable[[str], object], texts: list[str]) -> None:
    """Print the CPU time for messages of 60,000 characters of every kind."""
    kinds = {"tweets": " ".join(texts[:2_000])} | KINDS
    print(
        f"\n| {LONG:,} characters of | score, ms | detect and score, ms | vaderSentiment, {LONG_FOR_ORIGINAL:,}, ms |"
    )
    print("| --- | ---: | ---: | ---: |")
    for kind, unit in kinds.items():
        long = fill(unit, LONG)
        times = [min(time_cpu(work, [long]) for _ in range(3)) for work in (score, assess)]
        times.append(time_cpu(original, [fill(unit, LONG_FOR_ORIGINAL)]))
        print("|", kind, *(f"| {seconds * 1000:,.1f}" for seconds in times), "|")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=20_000, help="how many tweets each scorer takes on one core")
    parser.add_argument("--all-cores-texts", type=int, default=300_000, help="how many texts all cores take")
    arguments = parser.parse_args()
    source, texts = read_texts()
    texts = texts[:: max(1, len(texts) // arguments.texts)]
    original = SentimentIntensityAnalyzer().polarity_scores
    versions = ", ".join(f"{name} {version(name)}" for name in ("vaderSentiment", "pycld2"))
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"{machine}, Python {platform.python_version()}, {versions}\n")
    print_rates(source, texts, original, arguments.all_cores_texts)
    print_long_messages(original, texts)


if __name__ == "__main__":
    main()
