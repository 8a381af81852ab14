"""The customer-care lexicon (seed care_lexicon): words and phrases that praise or criticise a service, or ask."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import compress, count, product
from typing import Any, Final, NamedTuple

from social_crm.seeds import SEEDS, read_seed

_SEED: Final = SEEDS / "care_lexicon.csv"
LEXICON_HASH: Final = hashlib.sha256(_SEED.read_bytes()).hexdigest()[:12]
LANGUAGE: Final = "en"
# Stands for any number in a phrase, as in "on hold for # hours".
NUMBER: Final = "#"
# Key of the term in a node of the phrase tree; no word is None.
_END: Final = None


class Term(NamedTuple):
    """The seed's values for a phrase."""

    valence: float
    is_request: bool


class Found(NamedTuple):
    """A term in a text, with the position of its first word and the position after its last."""

    start: int
    end: int
    term: Term


class CareLexicon:
    """Finds terms in texts; the longest phrase that starts at a word wins, and no word is used twice."""

    def __init__(self, rows: Iterable[dict[str, str]]) -> None:
        """Build a tree of words from the rows of the seed in the lexicon's language."""
        self._tree: dict[Any, Any] = {}
        self.words: set[str] = set()
        for row in rows:
            if row["language"] == LANGUAGE:
                term = Term(float(row["valence"]), row["role"] == "request")
                for phrase in _spell_out(row["term"]):
                    self._add(phrase, term)

    def find(self, words: list[str]) -> Iterator[Found]:
        """Yield the terms of a text in order; `words` are lower case, with NUMBER for each number."""
        tree, length, free_from = self._tree, len(words), 0
        for start in compress(count(), map(tree.__contains__, words)):
            if start < free_from:
                continue
            node: Any = tree
            position, term = start, None
            while position < length and (node := node.get(words[position])):
                position += 1
                if _END in node:
                    term, free_from = node[_END], position
            if term:
                yield Found(start, free_from, term)

    def _add(self, phrase: tuple[str, ...], term: Term) -> None:
        node = self._tree
        for word in phrase:
            node = node.setdefault(word, {})
        node[_END] = term
        self.words.update(phrase)


@cache
def read_lexicon() -> CareLexicon:
    """Return the lexicon of the seed; not at import, so that a bad line only fails scoring."""
    return CareLexicon(read_seed(_SEED))


def _spell_out(term: str) -> Iterator[tuple[str, ...]]:
    """Yield every phrase of a term: alternatives separated by a slash, with and without apostrophes."""
    slots = [
        [spelling for word in slot.split("/") for spelling in dict.fromkeys((word, word.replace("'", "")))]
        for slot in term.split()
    ]
    return product(*slots)
