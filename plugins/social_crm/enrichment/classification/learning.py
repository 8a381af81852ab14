"""How a model is trained: linear, on TF-IDF of words and parts of words, validated on unseen folds."""

from collections import Counter
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.svm import LinearSVC

from social_crm.enrichment.classification.decisions import OTHER, Classification, decide
from social_crm.enrichment.classification.features import list_features, simplify, weigh_feature
from social_crm.enrichment.classification.merging import (
    CONTACT_TYPE,
    ISSUE,
    NO,
    PRODUCT,
    SERVICEABLE,
    TASKS,
    YES,
)
from social_crm.enrichment.classification.model import Floats, to_shares
from social_crm.enrichment.classification.rules import Reading, RuleBook

# A lower threshold would let a model decide where it is hardly confident.
_THRESHOLDS: Final = tuple(step / 100 for step in range(30, 100, 5))
_SEED: Final = 0

Labels = NDArray[np.str_]


class Sample(NamedTuple):
    """A text with its labels, by task."""

    text: str
    language: str
    labels: dict[str, str]


class Parameters(NamedTuple):
    """Parameters of training; they are part of the model's version."""

    folds: int = 5
    least_texts: int = 10
    most_features: int = 60_000
    strength: float = 0.3


class Figures(NamedTuple):
    """Results of a head on held-out texts, by fold; shares of 1."""

    counts: dict[str, int]
    rules_f1: float
    model_f1: float
    merged_f1: float
    abstained: float


class LearnedHead(NamedTuple):
    """The parameters of one head, and its results."""

    labels: list[str]
    coefficients: Floats
    intercepts: Floats
    scale: float
    threshold: float
    figures: Figures


class Learned(NamedTuple):
    """All heads over one vocabulary."""

    vocabulary: list[str]
    idf: Floats
    heads: dict[str, LearnedHead]


def learn(book: RuleBook, samples: list[Sample], parameters: Parameters) -> Learned:
    """Train one head for each task that has two labels with enough texts."""
    readings = [book.read(sample.text, sample.language) for sample in samples]
    decided = [decide(book, reading) for reading in readings]
    features = [list_features(reading, found) for reading, found in zip(readings, decided, strict=True)]
    groups = np.array([name_group(reading) for reading in readings])
    vectorizer = _make_vectorizer(parameters)
    heads: dict[str, LearnedHead] = {}
    chosen = {task: _choose_texts(samples, groups, task, parameters) for task in TASKS}
    matrix = _fit_vectorizer(vectorizer, features) if any(chosen.values()) else None
    for task, places in chosen.items():
        if matrix is not None and places:
            labels = np.array([samples[place].labels[task] for place in places])
            known = sorted(set(labels.tolist()))
            rules = [choose_rule_label(decided[place], task, known) for place in places]
            held_out = _hold_out([features[place] for place in places], labels, groups[places], parameters)
            scale, threshold, figures = _calibrate(held_out, labels, known, rules)
            fitted = _fit(matrix[places], labels, parameters)
            heads[task] = LearnedHead(known, *_to_columns(fitted), scale, threshold, figures)
    names = vectorizer.get_feature_names_out().tolist() if heads else []
    return Learned(names, vectorizer.idf_ if heads else np.zeros(0), heads)


def choose_rule_label(rules: Classification, task: str, known: list[str]) -> str | None:
    """Return the label of a task that the rules give a text, None if they give none of them."""
    if task == SERVICEABLE:
        return None if rules.is_serviceable is None else (YES if rules.is_serviceable else NO)
    found: list[str] = []
    if task == CONTACT_TYPE:
        found = [kind.code for kind in rules.contact_types]
        # There may be fewer labels than types: with "complaint or other", a question is "other".
        found += [OTHER] if found else []
    elif task in (ISSUE, PRODUCT):
        found = [issue.issue_code if task == ISSUE else issue.product_code for issue in rules.issues]
    return next((label for label in found if label in known), None)


def name_group(reading: Reading) -> str:
    """Return a text without handles, addresses and numbers; texts with the same result are equal to a model."""
    return " ".join(simplify(reading))


def _choose_texts(samples: list[Sample], groups: Labels, task: str, parameters: Parameters) -> list[int]:
    """Return the positions of the texts whose label of the task has enough different texts."""
    labelled = zip(samples, groups.tolist(), strict=True)
    said = {(sample.labels[task], group) for sample, group in labelled if task in sample.labels}
    counts = Counter(label for label, _ in said)
    known = {label for label, count in counts.items() if count >= max(parameters.least_texts, parameters.folds)}
    places = [place for place, sample in enumerate(samples) if sample.labels.get(task) in known]
    return places if len(known) > 1 else []


def _make_vectorizer(parameters: Parameters) -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer=_as_is, binary=True, min_df=2, max_features=parameters.most_features, dtype=np.float64
    )


def _fit_vectorizer(vectorizer: TfidfVectorizer, features: list[list[str]]) -> Any:
    """Return the matrix of the texts, with each feature weighted by `weigh_feature`."""
    vectorizer.fit(features)
    vectorizer.idf_ = vectorizer.idf_ * np.array([weigh_feature(name) for name in vectorizer.get_feature_names_out()])
    return vectorizer.transform(features)


def _as_is(features: list[str]) -> list[str]:
    return features


def _fit(matrix: Any, labels: Labels, parameters: Parameters) -> LinearSVC:
    return LinearSVC(C=parameters.strength, class_weight="balanced", random_state=_SEED).fit(matrix, labels)


def _to_columns(fitted: LinearSVC) -> tuple[Floats, Floats]:
    """Return coefficients and intercepts with one column for each label, two labels included."""
    coefficients, intercepts = fitted.coef_.T, fitted.intercept_
    if coefficients.shape[1] == 1:
        return np.hstack([-coefficients, coefficients]), np.concatenate([-intercepts, intercepts])
    return coefficients, intercepts


def _hold_out(features: list[list[str]], labels: Labels, groups: Labels, parameters: Parameters) -> Floats:
    """Return the margins of each text by a model (and vocabulary) that has not seen it or a text of its group."""
    known = np.unique(labels)
    # A label that no other text has is answered with no.
    margins = np.full((len(labels), len(known)), -1.0)
    folds = StratifiedGroupKFold(parameters.folds, shuffle=True, random_state=_SEED)
    for seen, unseen in folds.split(np.zeros(len(labels)), labels, groups):
        vectorizer = _make_vectorizer(parameters)
        fitted = _fit(_fit_vectorizer(vectorizer, [features[place] for place in seen]), labels[seen], parameters)
        coefficients, intercepts = _to_columns(fitted)
        columns = np.searchsorted(known, fitted.classes_)
        matrix = vectorizer.transform([features[place] for place in unseen])
        margins[np.ix_(unseen, columns)] = matrix @ coefficients + intercepts
    return margins


def _calibrate(
    margins: Floats, labels: Labels, known: list[str], rules: list[str | None]
) -> tuple[float, float, Figures]:
    """Choose the scale that calibrates shares, and the threshold at which model and rules together do best."""
    truth = np.searchsorted(known, labels)

    def loss(scale: float) -> float:
        shares = to_shares(margins, scale)[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(shares, 1e-12)).mean())

    scale = round(float(minimize_scalar(loss, bounds=(0.1, 20), method="bounded").x), 4)
    shares = to_shares(margins, scale)
    own, sure = np.array(known)[shares.argmax(axis=1)], shares.max(axis=1)
    fallback = np.array([label or "" for label in rules])
    scores = {
        threshold: _measure(labels, np.where(sure >= threshold, own, fallback), known) for threshold in _THRESHOLDS
    }
    # Of equal thresholds the highest: if the result is the same, a rule can be read and a model cannot.
    threshold = max(scores, key=lambda threshold: (scores[threshold], threshold))
    figures = Figures(
        {label: int((labels == label).sum()) for label in known},
        _measure(labels, fallback, known),
        _measure(labels, own, known),
        scores[threshold],
        round(float((sure < threshold).mean()), 4),
    )
    return scale, threshold, figures


def _measure(labels: Labels, answers: Labels, known: list[str]) -> float:
    return round(float(f1_score(labels, answers, labels=known, average="macro", zero_division=0)), 4)
