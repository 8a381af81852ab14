"""What the trained model looks at: words, pairs of words, pieces of words, signals, and what the rules made of them."""

from itertools import pairwise
from typing import Final

from social_crm.enrichment.classification.decisions import Classification
from social_crm.enrichment.classification.rules import Reading

_PIECE_LENGTHS: Final = (3, 4, 5)
# A message of a person is shorter; the bound keeps a pasted log from taking a second.
_READ_WORDS: Final = 1_000
# Chosen by cross-validation on the development split of docs/text-quality.md.
_WEIGHTS: Final = {"p ": 0.5, "f ": 2.0}


def list_features(reading: Reading, decided: Classification) -> list[str]:
    """Return the names of all features of a text, some more than once."""
    words = simplify(reading)
    return [
        *(name for word in words for name in name_word(word)),
        *map(name_pair, pairwise(words)),
        *name_findings(reading, decided),
    ]


def simplify(reading: Reading) -> list[str]:
    """Return the words with every address, handle and number made the same."""
    return [_simplify_word(word) for word in reading.words[:_READ_WORDS]]


def name_word(word: str) -> list[str]:
    """Return the features that a word has wherever it stands: itself and its pieces."""
    padded = f"<{word[:30]}>"
    pieces = (padded[start : start + length] for length in _PIECE_LENGTHS for start in range(len(padded) - length + 1))
    return [f"w {word}", *(f"p {piece}" for piece in pieces)]


def name_pair(pair: tuple[str, str]) -> str:
    """Return the feature of two words in a row."""
    return f"{pair[0]}_{pair[1]}"


def name_findings(reading: Reading, decided: Classification) -> list[str]:
    """Return the features that signals, rules and their decisions are; the primary contact type is one of its own."""
    return [
        *(f"f signal {signal}" for signal in reading.signals),
        *(f"f rule {rule.rule_id}" for rule in reading.rules),
        *(f"f type {kind.code}" for kind in decided.contact_types),
        *(f"f primary {kind.code}" for kind in decided.contact_types[:1]),
        *(f"f issue {issue.issue_code}" for issue in decided.issues),
        f"f reason {decided.serviceable_reason}",
    ]


def weigh_feature(name: str) -> float:
    """Return by how much a feature counts beside its rarity: findings are few and common, pieces many and rare."""
    return _WEIGHTS.get(name[:2], 1.0)


def _simplify_word(word: str) -> str:
    if word.startswith("http"):
        return "{url}"
    if word[0] == "@" and len(word) > 1:
        return "{handle}"
    return "{number}" if word[0].isdigit() else word
