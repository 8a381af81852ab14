"""Compares labels with the truth: rules alone, the model alone, and both, each on texts that they have not seen."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support
from sklearn.model_selection import StratifiedGroupKFold

from quality_tasks.samples import is_development
from social_crm.enrichment.classification.decisions import decide
from social_crm.enrichment.classification.learning import (
    Learned,
    Parameters,
    Sample,
    choose_rule_label,
    learn,
    name_group,
)
from social_crm.enrichment.classification.merging import merge
from social_crm.enrichment.classification.model import Head, Model
from social_crm.enrichment.classification.rules import RuleBook

OUTER_FOLDS = 5
INNER_FOLDS = 3
UNDECIDED = "(undecided)"


class Outcome(NamedTuple):
    """The answers of one method; an undecided text counts as a miss of its label."""

    way: str
    answers: list[str]


class Judgement(NamedTuple):
    """All methods for one task, on the texts from which no rule was written."""

    truth: list[str]
    outcomes: list[Outcome]
    abstained: float
    texts_a_second: float


def judge(book: RuleBook, task: str, samples: Sequence[Sample]) -> Judgement:
    """Answer each held-out text by the rules, and by a model that was trained on the others."""
    development = [sample for sample in samples if is_development(sample.text)]
    held_out = [sample for sample in samples if not is_development(sample.text)]
    truth = [sample.labels[task] for sample in held_out]
    known = sorted(set(truth))
    rules, model, merged = ([UNDECIDED] * len(held_out) for _ in range(3))
    abstained, seconds = 0, 0.0
    groups = [name_group(book.read(sample.text, sample.language)) for sample in held_out]
    shown = [(sample, name_group(book.read(sample.text, sample.language))) for sample in development]
    folds = StratifiedGroupKFold(OUTER_FOLDS, shuffle=True, random_state=0)
    for seen, unseen in folds.split(np.zeros(len(truth)), truth, groups):
        asked = {groups[place] for place in unseen}
        others = [sample for sample, group in shown if group not in asked] + [held_out[place] for place in seen]
        trained = build_model(learn(book, others, Parameters(INNER_FOLDS)))
        start = time.process_time()
        readings = [book.read(held_out[place].text, held_out[place].language) for place in unseen]
        decided = [decide(book, reading) for reading in readings]
        answers = trained.answer(readings, decided)
        both = [merge(book, found, answer, trained) for found, answer in zip(decided, answers, strict=True)]
        seconds += time.process_time() - start
        sure = insist(trained).answer(readings, decided)
        for place, found, answer, own, final in zip(unseen, decided, answers, sure, both, strict=True):
            rules[place] = choose_rule_label(found, task, known) or UNDECIDED
            merged[place] = choose_rule_label(final, task, known) or UNDECIDED
            model[place] = own[task][0][0] if task in own else UNDECIDED
            abstained += task not in answer
    outcomes = [Outcome("rules alone", rules), Outcome("model alone", model), Outcome("rules and model", merged)]
    return Judgement(truth, outcomes, abstained / len(truth), len(truth) / seconds)


def build_model(learned: Learned) -> Model:
    """Return the model that training would write to files."""
    weights = {"idf": learned.idf}
    heads = []
    for task, head in learned.heads.items():
        weights |= {f"coefficients_{task}": head.coefficients, f"intercepts_{task}": head.intercepts}
        heads.append(Head(task, tuple(head.labels), head.scale, head.threshold))
    vocabulary = {name: number for number, name in enumerate(learned.vocabulary)}
    return Model("model-benchmark", frozenset(("en", "und")), heads, vocabulary, weights)


def insist(model: Model) -> Model:
    """Return the model with no threshold, so that it always answers."""
    certain = object.__new__(Model)
    certain.__dict__.update(model.__dict__, heads=tuple(head._replace(threshold=0.0) for head in model.heads))
    return certain


def write_summary(judgement: Judgement, positive: str | None) -> str:
    """Return a table with one row per method: for the positive label if there is one, else macro means."""
    lines = ["| | precision | recall | F1 | macro F1 | accuracy | undecided |", "|---|---:|---:|---:|---:|---:|---:|"]
    for way, answers in judgement.outcomes:
        labels = [positive] if positive else sorted(set(judgement.truth))
        precision, recall, f1, _ = precision_recall_fscore_support(
            judgement.truth, answers, labels=labels, average="macro", zero_division=0
        )
        macro = f1_score(judgement.truth, answers, labels=sorted(set(judgement.truth)), average="macro")
        undecided = answers.count(UNDECIDED) / len(answers)
        accuracy = accuracy_score(judgement.truth, answers)
        lines.append(
            f"| {way} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {macro:.3f} | {accuracy:.3f} | {undecided:.1%} |"
        )
    return "\n".join(lines)


def write_confusion(judgement: Judgement, way: str) -> str:
    """Return how often each true label (rows) was answered with each label (columns)."""
    answers = next(outcome.answers for outcome in judgement.outcomes if outcome.way == way)
    pairs = Counter(zip(judgement.truth, answers, strict=True))
    labels = sorted(set(judgement.truth))
    columns = labels + ([UNDECIDED] if UNDECIDED in answers else [])
    header = f"| {way}: true \\ said | " + " | ".join(columns) + " |"
    rows = [f"| {truth} | " + " | ".join(f"{pairs[truth, said]:,}" for said in columns) + " |" for truth in labels]
    return "\n".join([header, "|---|" + "---:|" * len(columns), *rows])


def write_section(title: str, aim: float, judgement: Judgement, positive: str | None) -> str:
    """Return the Markdown section of one task."""
    labels = Counter(judgement.truth)
    best = judgement.outcomes[-1]
    figure = f1_score(judgement.truth, best.answers, labels=[positive] if positive else sorted(labels), average="macro")
    verdict = f"reached, by {figure - aim:.3f}" if figure >= aim else f"missed by {aim - figure:.3f}"
    kind = f"F1 of {positive}" if positive else "macro F1"
    return "\n\n".join(
        (
            f"## {title}",
            f"{len(judgement.truth):,} held-out texts: "
            + ", ".join(f"{n:,} {label}" for label, n in labels.most_common()),
            write_summary(judgement, positive),
            f"Aim: {kind} {aim:.2f}. Rules and model together: {figure:.3f}, **{verdict}**. The model left "
            f"{judgement.abstained:.1%} of the texts to the rules; {judgement.texts_a_second:,.0f} texts/s per core.",
            *(write_confusion(judgement, way) for way in ("rules alone", "rules and model")),
        )
    )
