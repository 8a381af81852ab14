"""Features of the trained model: words, pairs of words, parts of words, whom the text addresses, and its sentiment.

The results of the rules are features as well.
"""

from itertools import pairwise
from math import ceil
from typing import Final

from social_crm.enrichment.care import CARE_VERSION, score_care
from social_crm.enrichment.classification.decisions import Classification
from social_crm.enrichment.classification.phrases import is_handle
from social_crm.enrichment.classification.rules import Reading

# A model with other features is another model; increase the number by hand when the names below change. Never change
# the meaning of a name: then a model trained before a name was added answers as it did.
FEATURES_VERSION: Final = f"features-3+{CARE_VERSION}"
_PIECE_LENGTHS: Final = (3, 4, 5)
_LONGEST_WORD: Final = 30
# Messages of people are shorter; the limit prevents a pasted log from taking a second.
_READ_WORDS: Final = 1_000
# Chosen by cross-validation on the development split of docs/text-quality.md; the steps below as well.
_WEIGHTS: Final = {"p ": 0.5, "f ": 2.0}
_CARE_STEPS: Final = 8
# A text has all features up to its own score, so that similar scores share most of them.
_CARE: Final = tuple(f"f care over {step}" for step in range(1 - _CARE_STEPS, _CARE_STEPS))
_WORDS_A_STEP, _MOST_STEPS, _MOST_COUNTED = 4, 8, 3


def list_features(reading: Reading, decided: Classification) -> list[str]:
    """Return the names of all features of a text, some more than once."""
    words = simplify(reading)
    return [
        *(name for word in (*words, *list_handles(reading)) for name in name_word(word)),
        *map(name_pair, pairwise(words)),
        *name_findings(reading, decided),
    ]


def simplify(reading: Reading) -> list[str]:
    """Return the words with every address, handle and number replaced by one placeholder each."""
    return [_simplify_word(word) for word in reading.words[:_READ_WORDS]]


def list_handles(reading: Reading) -> list[str]:
    """Return the accounts that a text addresses or names."""
    return [*reading.addressed[:_READ_WORDS], *filter(is_handle, reading.words[:_READ_WORDS])]


def name_word(word: str) -> list[str]:
    """Return the features of a word in any position: itself and its parts; for a handle only the parts."""
    if is_handle(word):
        return [f"h {piece}" for piece in _cut(word[1:])]
    return [f"w {word}", *(f"p {piece}" for piece in _cut(word))]


def name_pair(pair: tuple[str, str]) -> str:
    """Return the feature of two words in a row."""
    return f"{pair[0]}_{pair[1]}"


def name_findings(reading: Reading, decided: Classification) -> list[str]:
    """Return the features of signals, rules and their decisions; the primary contact type is a feature of its own."""
    return [
        *(f"f signal {signal}" for signal in reading.signals),
        *(f"f rule {rule.rule_id}" for rule in reading.rules),
        *(f"f type {kind.code}" for kind in decided.contact_types),
        *(f"f primary {kind.code}" for kind in decided.contact_types[:1]),
        *(f"f issue {issue.issue_code}" for issue in decided.issues),
        f"f reason {decided.serviceable_reason}",
        *_name_measures(reading),
    ]


def weigh_feature(name: str) -> float:
    """Return the weight of a feature beside its rarity: rule results are few and common, word parts many and rare."""
    return _WEIGHTS.get(name[:2], 1.0)


def _name_measures(reading: Reading) -> list[str]:
    """Return the features of the care score, the length and the counts of a text."""
    words = reading.words
    care = ceil(score_care(reading.text, reading.tone) * _CARE_STEPS) + _CARE_STEPS - 1
    return [
        *_CARE[: max(care, 0)],
        f"f length {min(len(words) // _WORDS_A_STEP, _MOST_STEPS)}",
        f"f ! {min(words.count('!'), _MOST_COUNTED)}",
        f"f ? {min(words.count('?'), _MOST_COUNTED)}",
    ]


def _cut(word: str) -> list[str]:
    padded = f"<{word[:_LONGEST_WORD]}>"
    return [padded[start : start + size] for size in _PIECE_LENGTHS for start in range(len(padded) - size + 1)]


def _simplify_word(word: str) -> str:
    if word.startswith("http"):
        return "{url}"
    if is_handle(word):
        return "{handle}"
    return "{number}" if word[0].isdigit() else word
