"""What the trained model looks at: words, pairs of words, pieces of words, signals, and the rules that fired."""

from itertools import pairwise
from typing import Final

from social_crm.enrichment.classification.rules import Reading

_PIECE_LENGTHS: Final = (3, 4, 5)
# A message of a person is shorter; the bound keeps a pasted log from taking a second.
_READ_WORDS: Final = 1_000


def list_features(reading: Reading) -> list[str]:
    """Return the names of all features of a text, some more than once."""
    words = simplify(reading)
    return [
        *(name for word in words for name in name_word(word)),
        *map(name_pair, pairwise(words)),
        *name_findings(reading),
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


def name_findings(reading: Reading) -> list[str]:
    """Return the features that signals and rules are."""
    return [f"s {signal}" for signal in reading.signals] + [f"r {rule.rule_id}" for rule in reading.rules]


def _simplify_word(word: str) -> str:
    if word.startswith("http"):
        return "{url}"
    if word[0] == "@" and len(word) > 1:
        return "{handle}"
    return "{number}" if word[0].isdigit() else word
