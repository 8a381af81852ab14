"""Labelled texts of the shared data, split once into those that rules were written from and the others."""

import csv
import hashlib
import html
import os
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from social_crm.enrichment.classification.learning import Sample
from social_crm.enrichment.language import detect_language
from social_crm.settings import PROJECT_ROOT

SHARED_DATA = Path(os.environ.get("SHARED_DATA_DIR", PROJECT_ROOT.parent / "shared/data"))
DEVELOPMENT_TENTHS = 3
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def is_development(text: str) -> bool:
    """Tell whether a text may be read while writing rules: three in ten, by the hash of the text."""
    return int(hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(), 16) % 10 < DEVELOPMENT_TENTHS


def make_samples(task: str, labelled: list[tuple[str, str]]) -> list[Sample]:
    """Return samples of (text, label) pairs; repeated texts are left out."""
    unique = {html.unescape(text).strip(): label for text, label in reversed(labelled)}
    return [Sample(text, detect_language(text), {task: label}) for text, label in unique.items() if text]


def read_complaints() -> list[tuple[str, str]]:
    """Return tweets, complaint or other."""
    rows = _read_rows("complaints/complaints-data.csv")
    return [(row[1], "complaint" if row[2] == "1" else "other") for row in rows]


def read_suggestions() -> list[tuple[str, str]]:
    """Return sentences of a developers' forum, suggestion or other."""
    rows = _read_rows("suggestions/V1.4_Training.csv")
    return [(row[1].strip('"'), "suggestion" if row[2] == "1" else "other") for row in rows]


def read_app_reviews() -> list[tuple[str, str]]:
    """Return app reviews: suggestion, which the publisher calls a feature request, or other.

    A review that says two things is there twice, and asks for a feature if either row says so.
    """
    reviews = _read_review_sheet()
    requests = {row["review"] for row in reviews if row["task"] == "FR"}
    return [(row["review"], "suggestion" if row["review"] in requests else "other") for row in reviews]


def read_rated_app_reviews() -> list[tuple[str, float]]:
    """Return app reviews with their stars, from one to five."""
    return [(row["review"], float(row["rating"])) for row in _read_review_sheet() if row.get("rating")]


def read_airline_reasons() -> list[tuple[str, str]]:
    """Return negative tweets to airlines with the reason that annotators saw in them."""
    with (SHARED_DATA / "airline_sentiment/tweets_four_airlines.csv").open(newline="", encoding="utf-8") as file:
        rows = [(row["text"], row["negativereason"]) for row in csv.DictReader(file)]
    return [(text, reason.lower().replace(" ", "_").replace("'", "")) for text, reason in rows if reason]


def read_banking_intents() -> list[tuple[str, str]]:
    """Return questions to a bank with the issue that their intent belongs to."""
    folder = Path(__file__).parent
    with (folder / "banking_intents.csv").open(newline="") as file:
        issues = {row["intent"]: row["issue_code"] for row in csv.DictReader(file)}
    rows = []
    for name in ("train", "test"):
        with (SHARED_DATA / f"banking77/{name}.csv").open(newline="", encoding="utf-8") as file:
            rows += [(row["text"], issues[row["category"]]) for row in csv.DictReader(file)]
    return rows


def _read_review_sheet() -> list[dict[str, str]]:
    """Return the rows of the workbook that contain a review, by the names in its first row."""
    with zipfile.ZipFile(SHARED_DATA / "app_reviews/Maalej_Dataset.xlsx") as book:
        shared = ["".join(node.itertext()) for node in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))]
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    rows = [
        {_column(cell): _value(cell, shared) for cell in row.iter(f"{_SHEET}c")} for row in sheet.iter(f"{_SHEET}row")
    ]
    header, *reviews = rows
    named = [{header[column]: value for column, value in review.items() if column in header} for review in reviews]
    return [row for row in named if "review" in row]


def read_care_tweets() -> list[str]:
    """Return tweets of customer care, without labels."""
    with (SHARED_DATA / "twcs/twcs_merged.csv").open(newline="", encoding="utf-8") as file:
        return [row["text"] for row in csv.DictReader(file)]


def _read_rows(name: str) -> list[list[str]]:
    with (SHARED_DATA / name).open(newline="", encoding="utf-8", errors="replace") as file:
        return list(csv.reader(file))


def _column(cell: ElementTree.Element) -> str:
    return re.sub(r"\d", "", cell.attrib["r"])


def _value(cell: ElementTree.Element, shared: list[str]) -> str:
    value = cell.findtext(f"{_SHEET}v") or "".join(cell.itertext())
    return shared[int(value)] if cell.get("t") == "s" else value
