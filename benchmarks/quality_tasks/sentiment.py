"""The sentiment task: plain VADER and the care score against labels by people, on held-out texts."""

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from statistics import correlation

from quality_tasks.samples import SHARED_DATA, read_rated_app_reviews
from social_crm.enrichment.assessment import assess, label_sentiment
from social_crm.enrichment.care import score_care
from social_crm.enrichment.vader import read, score

LABELS = ("negative", "neutral", "positive")
AIM_ACCURACY, AIM_NEGATIVES_CALLED_POSITIVE = 0.75, 0.10
# VADER's own bound, used for the comparison.
VADER_BOUND = 0.05
DEVELOPMENT_BYTES = 77
Pairs = Sequence[tuple[str, str]]


def is_development(text: str) -> bool:
    """Tell whether a text is in the development sample of the care lexicon: three in ten, by the text's hash."""
    return hashlib.sha256(text.encode()).digest()[0] < DEVELOPMENT_BYTES


def label_by_care(text: str) -> str:
    """Return the label that the warehouse would give."""
    return label_sentiment(score_care(text, read(text)))


def label_by_vader(text: str) -> str:
    """Return the label by VADER's own rule."""
    compound = score(text).compound
    return "positive" if compound >= VADER_BOUND else "negative" if compound <= -VADER_BOUND else "neutral"


def label_rating(rating: float) -> str:
    """Return the label of one to five stars, by the limits of seed sentiment_thresholds."""
    return "positive" if rating >= 4 else "neutral" if rating >= 3 else "negative"


def measure_sentiment() -> str:
    """Negative, neutral or positive: tweets to airlines, rated app reviews, and VADER's own ground truth."""
    with (SHARED_DATA / "airline_sentiment/tweets_four_airlines.csv").open(newline="", encoding="utf-8") as file:
        tweets = [(row["text"], row["airline_sentiment"]) for row in csv.DictReader(file)]
    held_out = [pair for pair in tweets if not is_development(pair[0])]
    accuracy, called_positive = _accuracy(held_out, label_by_care), _called_positive(held_out, label_by_care)
    is_reached = accuracy >= AIM_ACCURACY and called_positive < AIM_NEGATIVES_CALLED_POSITIVE
    reviews = [
        (text, label_rating(rating)) for text, rating in read_rated_app_reviews() if assess(text).language == "en"
    ]
    return "\n\n".join(
        (
            "## Sentiment",
            f"{len(held_out):,} held-out tweets to airlines, of {len(tweets):,}.",
            _write_comparison(held_out),
            f"Aim: accuracy {AIM_ACCURACY:.2f}, and under {AIM_NEGATIVES_CALLED_POSITIVE:.0%} of negatives called"
            f" positive. Care score: {accuracy:.3f} and {called_positive:.1%},"
            f" **{'reached' if is_reached else 'missed'}**."
            f" On the {len(tweets) - len(held_out):,} development tweets its accuracy is"
            f" {_accuracy([pair for pair in tweets if is_development(pair[0])], label_by_care):.3f}.",
            _write_confusion("VADER", held_out, label_by_vader),
            _write_confusion("care score", held_out, label_by_care),
            f"{len(reviews):,} app reviews in English: the label from the text against the label from the stars.",
            _write_comparison(reviews),
            _write_confusion("care score", reviews, label_by_care),
            _write_correlations(),
        )
    )


def _accuracy(pairs: Pairs, label: Callable[[str], str]) -> float:
    return sum(label(text) == truth for text, truth in pairs) / len(pairs)


def _called_positive(pairs: Pairs, label: Callable[[str], str]) -> float:
    """Return the share of negative texts that were labelled positive."""
    negatives = [text for text, truth in pairs if truth == "negative"]
    return sum(label(text) == "positive" for text in negatives) / len(negatives)


def _write_comparison(pairs: Pairs) -> str:
    lines = ["| | accuracy | negatives called positive |", "|---|---:|---:|"]
    for way, label in (("VADER", label_by_vader), ("care score", label_by_care)):
        lines.append(f"| {way} | {_accuracy(pairs, label):.3f} | {_called_positive(pairs, label):.1%} |")
    return "\n".join(lines)


def _write_confusion(way: str, pairs: Pairs, label: Callable[[str], str]) -> str:
    counts = Counter((truth, label(text)) for text, truth in pairs)
    rows = [f"| {truth} | " + " | ".join(f"{counts[truth, said]:,}" for said in LABELS) + " |" for truth in LABELS]
    return "\n".join([f"| {way}: true \\ said | " + " | ".join(LABELS) + " |", "|---|" + "---:|" * len(LABELS), *rows])


def _write_correlations() -> str:
    lines = ["| Correlation with the mean of twenty people | VADER | care score |", "|---|---:|---:|"]
    for what, name in (("tweets", "tweets"), ("Amazon sentences", "amazonReviewSnippets")):
        with (SHARED_DATA / f"vader_groundtruth/{name}_GroundTruth.txt").open(
            encoding="utf-8", errors="replace"
        ) as file:
            rated = [(float(row[1]), row[2]) for row in (line.rstrip("\n").split("\t", 2) for line in file)]
        people = [rating for rating, _ in rated]
        plain = correlation(people, [score(text).compound for _, text in rated])
        care = correlation(people, [score_care(text, read(text)) for _, text in rated])
        lines.append(f"| {len(rated):,} {what} | {plain:.4f} | {care:.4f} |")
    return "\n".join(lines)
