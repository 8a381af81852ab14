"""A trained model as three plain files, read without running anything that they hold.

`model.json` says what the model is and the hashes of the other two, `vocabulary.json` lists its features, and
`weights.npz` holds numbers only. Training (social_crm.enrichment.training) writes them.
"""

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from social_crm.enrichment.classification.decisions import Classification
from social_crm.enrichment.classification.features import (
    list_handles,
    name_findings,
    name_pair,
    name_word,
    simplify,
)
from social_crm.enrichment.classification.rules import Reading

FORMAT: Final = 1
DESCRIPTION_FILE, VOCABULARY_FILE, WEIGHTS_FILE = "model.json", "vocabulary.json", "weights.npz"
_KEPT_WORDS: Final = 100_000
_DIGITS: Final = 4

Floats = NDArray[np.float64]


class ModelRefused(ValueError):
    """Raised when a folder holds no model that this version can trust; the message says which file and why."""


class Head(NamedTuple):
    """One question the model answers: its labels, how to make their margins shares, and the least share to answer."""

    task: str
    labels: tuple[str, ...]
    scale: float
    threshold: float


class Answer(NamedTuple):
    """Labels with their shares of certainty, the surest first."""

    shares: tuple[tuple[str, float], ...]


class Model:
    """Answers each of its heads for texts, or abstains."""

    def __init__(
        self,
        version: str,
        languages: frozenset[str],
        heads: Sequence[Head],
        vocabulary: dict[str, int],
        weights: dict[str, Floats],
    ) -> None:
        """Put the heads side by side, so that one pass over a text's features answers all of them."""
        self.version = version
        self.heads = tuple(heads)
        self._languages = languages
        self._vocabulary = vocabulary
        self._squares = weights["idf"] ** 2
        columns = np.hstack([weights[f"coefficients_{head.task}"] for head in heads])
        self._columns = np.ascontiguousarray(columns * weights["idf"][:, None])
        self._intercepts = np.concatenate([weights[f"intercepts_{head.task}"] for head in heads])
        self._known: dict[str, tuple[int, ...]] = {}

    def answer(self, readings: Sequence[Reading], decided: Sequence[Classification]) -> list[dict[str, Answer]]:
        """Return for each text the answers by task, without those of which the model is not sure enough.

        `decided` is what the rules made of the same texts.
        """
        answers: list[dict[str, Answer]] = [{} for _ in readings]
        features = [
            self._number(reading, found) if reading.language in self._languages else []
            for reading, found in zip(readings, decided, strict=True)
        ]
        places = [place for place, numbers in enumerate(features) if numbers]
        if not places:
            return answers
        margins = self._measure([features[place] for place in places])
        first = 0
        for head in self.heads:
            shares = to_shares(margins[:, first : first + len(head.labels)], head.scale)
            first += len(head.labels)
            for place, row in zip(places, shares, strict=True):
                if row.max() >= head.threshold:
                    answers[place][head.task] = _rank(head.labels, row)
        return answers

    def _number(self, reading: Reading, decided: Classification) -> list[int]:
        """Return the numbers of the features that training saw, each once, in rising order."""
        words = simplify(reading)
        known = self._known
        named = (*words, *list_handles(reading))
        found = set(chain.from_iterable(known[word] if word in known else self._look_up(word) for word in named))
        look_up = self._vocabulary.get
        others = [look_up(name) for name in (*map(name_pair, pairwise(words)), *name_findings(reading, decided))]
        found.update(number for number in others if number is not None)
        return sorted(found)

    def _look_up(self, word: str) -> tuple[int, ...]:
        numbers = tuple(self._vocabulary[name] for name in name_word(word) if name in self._vocabulary)
        if len(self._known) >= _KEPT_WORDS:
            self._known.clear()
        self._known[word] = numbers
        return numbers

    def _measure(self, features: list[list[int]]) -> Floats:
        """Return the margins of all labels: one row per text."""
        numbers = np.fromiter(chain.from_iterable(features), dtype=np.int32)
        ends = np.cumsum([0, *map(len, features)], dtype=np.int32)
        present = csr_array((np.ones(len(numbers)), numbers, ends), shape=(len(features), len(self._squares)))
        margins: Floats = (present @ self._columns) / np.sqrt(present @ self._squares)[:, None] + self._intercepts
        return margins


def to_shares(margins: Floats, scale: float) -> Floats:
    """Turn margins into shares that add up to one in each row."""
    scaled = margins * scale
    powers: Floats = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares


@cache
def load_model(folder: Path) -> Model:
    """Return the model in `folder`; raises ModelRefused if it is damaged, incomplete or of another format."""
    description = _read_json(folder / DESCRIPTION_FILE)
    if not isinstance(description, dict) or description.get("format") != FORMAT:
        raise ModelRefused(f"{folder / DESCRIPTION_FILE} is not a model of format {FORMAT}")
    for name in (VOCABULARY_FILE, WEIGHTS_FILE):
        if hash_file(folder / name) != description.get("sha256", {}).get(name):
            raise ModelRefused(f"{folder / name} is not the file that training wrote")
    try:
        with np.load(folder / WEIGHTS_FILE, allow_pickle=False) as arrays:
            weights = {name: arrays[name].astype(np.float64) for name in arrays.files}
        return _assemble(description, _read_json(folder / VOCABULARY_FILE), weights)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelRefused(f"{folder} does not fit together: {error}") from error


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file; raises ModelRefused if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelRefused(f"{path} cannot be read: {error.strerror}") from error


def _read_json(path: Path) -> Any:
    hash_file(path)
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ModelRefused(f"{path} is not JSON") from error


def _assemble(description: dict[str, Any], names: list[str], weights: dict[str, Floats]) -> Model:
    heads = [
        Head(task, tuple(head["labels"]), float(head["scale"]), float(head["threshold"]))
        for task, head in description["heads"].items()
    ]
    for head in heads:
        shapes = weights[f"coefficients_{head.task}"].shape, weights[f"intercepts_{head.task}"].shape
        if shapes != ((len(names), len(head.labels)), (len(head.labels),)) or not 0 <= head.threshold <= 1:
            raise ValueError(f"head {head.task}")
    if not heads or weights["idf"].shape != (len(names),):
        raise ValueError("idf")
    vocabulary = {name: number for number, name in enumerate(names)}
    return Model(description["version"], frozenset(description["languages"]), heads, vocabulary, weights)


def _rank(labels: tuple[str, ...], row: Floats) -> Answer:
    shares = ((label, round(float(share), _DIGITS)) for label, share in zip(labels, row, strict=True))
    return Answer(tuple(sorted(shares, key=lambda pair: -pair[1])))
