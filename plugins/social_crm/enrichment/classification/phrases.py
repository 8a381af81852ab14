"""The pattern language of the rules, and the single pass over a text that finds its matches among a thousand patterns.

A pattern is alternatives separated by `|`. An alternative is phrases separated by `&` that must all be found; one that
begins with `-` must not. A phrase is words in a row: `refund*` is any word with that beginning, `...` stands for up to
four words, `^` and `$` for the start and end of the text, `?` and `!` for themselves. A name in braces is a signal,
such as `{money}` or `{negative}` (signals.py). Case and apostrophes do not count.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Final, NamedTuple

from social_crm.enrichment.apostrophes import straighten

WORDS: Final = re.compile(r"https?://\S+|[@#]\w+|\w+(?:[.,]\d+)*|[?!]|[^\w\s.,;:()\[\]\"“”/*|<>=_-]")
_GAP: Final = r"(?:\S+ ){0,4}?"
_MARKS: Final = ("^", "$", "...")
_SHORTEST_PREFIX: Final = 3
# No word of a text contains these: their author means a regular expression.
_FOREIGN: Final = re.compile(r"[()\[\]\\]|^\*|\.\*|(?<=\w)\?(?=\w)")
# Longer ones are no words but, for example, pasted keys.
_LONGEST_WORD: Final = 40
_KEPT_WORDS: Final = 100_000


class BadPattern(ValueError):
    """Raised when a pattern is invalid; the message quotes the part."""


class _Phrase(NamedTuple):
    """One phrase: a word that it requires, and the way to find it in a normalised text.

    For a single word or a signal, being among the words and signals is enough. Words in a row are searched for
    literally, in a third of the time of a regular expression.
    """

    anchor: str
    row: str | None = None
    expression: re.Pattern[str] | None = None


class _Alternative(NamedTuple):
    """Phrases that must all be present and phrases that must be absent, with the number of their rule."""

    rule: int
    required: tuple[_Phrase, ...]
    excluded: tuple[_Phrase, ...]


class Matcher:
    """Finds the rules that fire on a text; built once from all patterns."""

    def __init__(self, patterns: Iterable[str]) -> None:
        """Compile `patterns`; a rule is identified by its position in them. Raises BadPattern."""
        self._by_anchor: dict[str, list[_Alternative]] = defaultdict(list)
        self._known: dict[str, tuple[_Alternative, ...]] = {}
        for rule, pattern in enumerate(patterns):
            for alternative in _compile(rule, pattern):
                self._by_anchor[alternative.required[0].anchor].append(alternative)

    def find(self, words: list[str], signals: frozenset[str]) -> set[int]:
        """Return the rules that fire on the words of a text (`split_words`) and its signals."""
        present = {*words, *(f"{{{signal}}}" for signal in signals)}
        normalised = ""
        fired = set[int]()
        for word in present:
            alternatives = self._known.get(word)
            for alternative in self._look_up(word) if alternatives is None else alternatives:
                if alternative.rule in fired:
                    continue
                normalised = normalised or f" {' '.join(words)} "
                if _fits(alternative, normalised, present):
                    fired.add(alternative.rule)
        return fired

    def _look_up(self, word: str) -> tuple[_Alternative, ...]:
        """Return the alternatives that `word` may complete, by itself or as the beginning of a longer word."""
        found = list(self._by_anchor.get(word, ()))
        for length in range(_SHORTEST_PREFIX, min(len(word), _LONGEST_WORD) + 1):
            found += self._by_anchor.get(f"{word[:length]}*", ())
        if len(word) > _LONGEST_WORD:
            return tuple(found)
        if len(self._known) >= _KEPT_WORDS:
            self._known.clear()
        self._known[word] = tuple(found)
        return self._known[word]


def split_words(text: str) -> list[str]:
    """Return the words as phrases see them: lower case, without apostrophes or the handles before the first."""
    return split_address(text)[1]


def split_address(text: str) -> tuple[list[str], list[str]]:
    """Return the handles before the first word, and the words as phrases see them."""
    words = WORDS.findall(straighten(text.lower()).replace("'", ""))
    start = 0
    while start < len(words) and is_handle(words[start]):
        start += 1
    return words[:start], words[start:]


def is_handle(word: str) -> bool:
    """Tell whether a word is a handle."""
    return word[0] == "@" and len(word) > 1


def _fits(alternative: _Alternative, normalised: str, present: set[str]) -> bool:
    # A loop: creating a generator for each of thirty phrases takes longer than searching for them.
    for phrase in alternative.required:
        if not _holds(phrase, normalised, present):
            return False
    return not (alternative.excluded and any(_holds(phrase, normalised, present) for phrase in alternative.excluded))


def _holds(phrase: _Phrase, normalised: str, present: set[str]) -> bool:
    if phrase.row is not None:
        return phrase.row in normalised
    if phrase.expression is not None:
        return phrase.expression.search(normalised) is not None
    return phrase.anchor in present


def _compile(rule: int, pattern: str) -> list[_Alternative]:
    alternatives = []
    for part in pattern.split("|"):
        phrases = [phrase.strip() for phrase in part.split("&")]
        required = [_compile_phrase(phrase) for phrase in phrases if not phrase.startswith("-")]
        excluded = [_compile_phrase(phrase[1:].strip()) for phrase in phrases if phrase.startswith("-")]
        if not required:
            raise BadPattern(f"nothing to find in {part.strip()!r}")
        # The rarest phrase decides first: words before signals, long words before short ones.
        required.sort(key=lambda phrase: (phrase.anchor.startswith("{"), -len(phrase.anchor)))
        alternatives.append(_Alternative(rule, tuple(required), tuple(excluded)))
    return alternatives


def _compile_phrase(phrase: str) -> _Phrase:
    parts = phrase.lower().split()
    if len(parts) == 1 and parts[0].startswith("{"):
        return _Phrase(parts[0])
    elements = [element for part in parts for element in _split_part(part)]
    literals = [element for element in elements if element not in _MARKS]
    if not literals:
        raise BadPattern(f"no words to find in {phrase!r}")
    if len(elements) == 1 and not elements[0].endswith("*"):
        return _Phrase(elements[0])
    anchor = max(literals, key=len)
    if not any(element in _MARKS or element.endswith("*") for element in elements):
        return _Phrase(anchor, row=f" {' '.join(elements)} ")
    expression = "".join(_to_expression(element) for element in elements)
    if not expression.startswith("^"):
        expression = f" {expression}"
    return _Phrase(anchor, expression=re.compile(expression))


def _split_part(part: str) -> list[str]:
    """Split the parts between blanks like a text, except for marks and a star at the end."""
    if part in _MARKS:
        return [part]
    words = split_words(part)
    if not words or part.startswith(("{", "-")):
        raise BadPattern(f"no word in {part!r}")
    if found := _FOREIGN.search(part):
        raise BadPattern(f"{found[0]!r} in {part!r}: a pattern is words, which a star may end, no regex")
    if part.endswith("*"):
        if len(words[-1]) < _SHORTEST_PREFIX:
            raise BadPattern(f"fewer than {_SHORTEST_PREFIX} letters before the star of {part!r}")
        words[-1] += "*"
    return words


def _to_expression(element: str) -> str:
    if element == "^":
        return "^ "
    if element == "$":
        return "$"
    if element == "...":
        return _GAP
    if element.endswith("*"):
        return re.escape(element[:-1]) + r"\S* "
    return re.escape(element) + " "
