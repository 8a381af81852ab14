"""The page about a trained model: its training data, its results, and where not to trust it."""

from pathlib import Path
from typing import Any, Final

from social_crm.enrichment.classification.learning import Figures

CARD_FILE: Final = "MODEL_CARD.md"

_CARD: Final = """\
# {version}

A linear support vector machine on TF-IDF of words, pairs of words, pieces of words and of handles, the care score,
length, marks, signals and the rules that fired.
Written by `python -m social_crm.enrichment.training`; read by numpy and JSON alone.

- Learned from {texts:,} labelled texts, in {languages}. Texts in other languages are left to the rules.
- Rules: `{rules}`. They may change without the model being trained again; rules it does not know count for nothing.
- Parameters: {parameters}.

## Held-out figures

From {folds} stratified folds, each judged by a model and a vocabulary that had not seen it; texts that differ only in
handles, addresses and numbers are in one fold. F1 is the mean over labels. The threshold and the scale were chosen on
these same folds, so "together" flatters the model a little.

| task | rules alone | model alone | together | threshold | left to the rules |
| --- | ---: | ---: | ---: | ---: | ---: |
{figures}

## Labels

{labels}

## Limits

It knows how your labels looked when it was trained: new products, campaigns and words are unknown to it until it is
trained again. It gives one label a share of certainty, calibrated over all texts, not for each kind of author. Labels
with fewer than {least_texts} texts were left out.
"""


def write_card(folder: Path, description: dict[str, Any], figures: dict[str, Figures]) -> None:
    """Write the model card for `description` (model.json)."""
    parameters = description["parameters"]
    card = _CARD.format(
        version=description["version"],
        texts=description["texts"],
        rules=description["rules"],
        languages=", ".join(description["languages"]),
        parameters=", ".join(f"{name} {value}" for name, value in parameters.items()),
        folds=parameters["folds"],
        least_texts=parameters["least_texts"],
        figures="\n".join(
            f"| `{task}` | {found.rules_f1:.3f} | {found.model_f1:.3f} | {found.merged_f1:.3f}"
            f" | {description['heads'][task]['threshold']} | {found.abstained:.1%} |"
            for task, found in figures.items()
        ),
        labels="\n".join(
            f"- `{task}`: " + ", ".join(f"{label} {count:,}" for label, count in found.counts.items())
            for task, found in figures.items()
        ),
    )
    (folder / CARD_FILE).write_text(card)
