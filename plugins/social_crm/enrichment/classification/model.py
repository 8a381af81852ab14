"""A trained model as three plain files, read without executing anything in them.

`model.json` describes the model and has the hashes of the other two, `vocabulary.json` lists its features, and
`weights.npz` contains numbers only. Training (social_crm.enrichment.training) writes them.
"""

import hashlib
import json
from array import array
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from social_crm.enrichment.classification.decisions import DIGITS, Classification
from social_crm.enrichment.classification.features import (
    list_handles,
    name_findings,
    name_pair,
    name_word,
    simplify,
)
from social_crm.enrichment.classification.rules import Reading
from social_crm.errors import WarehouseError

FORMAT: Final = 1
DESCRIPTION_FILE, VOCABULARY_FILE, WEIGHTS_FILE = "model.json", "vocabulary.json", "weights.npz"
_KEPT_WORDS: Final = 100_000

Floats = NDArray[np.float64]
Answer = list[tuple[str, float]]  # labels with their certainty, highest first


class ModelRefused(WarehouseError):
    """Raised when a folder has no model that this version can trust; the message says which file and why."""

    kind = "classifier_refused"
    next_step = "train the model again, or correct or empty WAREHOUSE_CLASSIFIER_MODEL, then run transform again"
    is_hopeless = True


class Head(NamedTuple):
    """One question for the model: its labels, how to turn margins into shares, and the lowest share to answer."""

    task: str
    labels: tuple[str, ...]
    scale: float
    threshold: float


class Model:
    """Answers the question of each head for texts, or abstains."""

    def __init__(
        self,
        version: str,
        languages: frozenset[str],
        heads: Sequence[Head],
        vocabulary: dict[str, int],
        weights: dict[str, Floats],
    ) -> None:
        """Combine the heads, so that one pass over a text's features answers all of them."""
        self.version = version
        self.heads = tuple(heads)
        self._languages = languages
        self._vocabulary = vocabulary
        self._squares = weights["idf"] ** 2
        columns = np.hstack([weights[f"coefficients_{head.task}"] for head in heads])
        self._columns = np.ascontiguousarray(columns * weights["idf"][:, None])
        self._intercepts = np.concatenate([weights[f"intercepts_{head.task}"] for head in heads])
        self._known: dict[str, bytes] = {}

    def answer(self, readings: Sequence[Reading], decided: Sequence[Classification]) -> list[dict[str, Answer]]:
        """Return for each text the answers by task, without those with too little certainty.

        `decided` has the rules' decisions about the same texts.
        """
        answers: list[dict[str, Answer]] = [{} for _ in readings]
        features = [
            self._number(reading, found) if reading.language in self._languages else b""
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
            is_sure = (shares.max(axis=1) >= head.threshold).tolist()
            for place, row, sure in zip(places, shares.tolist(), is_sure, strict=True):
                if sure:
                    answers[place][head.task] = _rank(head.labels, row)
        return answers

    def _number(self, reading: Reading, decided: Classification) -> bytes:
        """Return the numbers of the features known from training, some more than once, as an array."""
        words = simplify(reading)
        known = self._known
        named = (*words, *list_handles(reading))
        parts = [known[word] if word in known else self._look_up(word) for word in named]
        parts.append(self._pack((*map(name_pair, pairwise(words)), *name_findings(reading, decided))))
        return b"".join(parts)

    def _look_up(self, word: str) -> bytes:
        if len(self._known) >= _KEPT_WORDS:
            self._known.clear()
        self._known[word] = self._pack(name_word(word))
        return self._known[word]

    def _pack(self, names: Iterable[str]) -> bytes:
        numbers = map(self._vocabulary.get, names)
        return array("i", [number for number in numbers if number is not None]).tobytes()

    def _measure(self, features: list[bytes]) -> Floats:
        """Return the margins of all labels: one row per text."""
        numbers = np.frombuffer(bytearray().join(features), dtype=np.intc)
        ends = np.cumsum([0, *map(len, features)], dtype=np.intc) // numbers.itemsize
        present = csr_array((np.ones(len(numbers)), numbers, ends), shape=(len(features), len(self._squares)))
        # A feature counts once; in ascending order, so that sums are the same to the last bit.
        present.sum_duplicates()
        present.data[:] = 1.0
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


def _rank(labels: tuple[str, ...], row: list[float]) -> Answer:
    shares = [(label, round(share, DIGITS)) for label, share in zip(labels, row, strict=True)]
    return sorted(shares, key=itemgetter(1), reverse=True)
