"""Splits hashtags into words: #NeverFlyAgain by its capitals, #neverflyagain by known words."""

import re
from collections.abc import Set
from typing import Final

_HASHTAG: Final = re.compile(r"#(\w+)")
_PARTS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
# Longer tags contain no words, and the limits keep the search linear.
_LONGEST_TAG, _LONGEST_WORD = 60, 15
# Words of hashtags without sentiment.
_FILLERS: Final = frozenset(
    re.findall(
        "[a-z]+",
        "a again airline airlines all app are at bank banks be business can card company crew customer customers day"
        " days do ever flight flights fly flyer flying for friendly get guys has have here i in is it job just life me"
        " my need no not now of off on one our out people service skies sky so staff team the there this time times to"
        " today traveler up us very was we what who with you your",
    )
)


def find_hashtags(text: str) -> list[str]:
    """Return the hashtags of a text as written, without the sign."""
    return [tag for tag in _HASHTAG.findall(text) if len(tag) <= _LONGEST_TAG]


def split_hashtag(tag: str, vocabulary: Set[str]) -> list[str]:
    """Return the words of a tag in lower case; none if it does not consist of known words or capitalised parts."""
    parts = _PARTS.findall(tag)
    if len(parts) > 1 and not tag.isupper():
        return [part.lower() for part in parts]
    return _split_by_words(tag.lower(), vocabulary)


def _split_by_words(tag: str, vocabulary: Set[str]) -> list[str]:
    """Split the whole tag into the fewest words of the vocabulary or the fillers."""
    # For each prefix of the tag, the smallest number of words and the start of the last one.
    best: list[tuple[int, int] | None] = [(0, 0)]
    for end in range(1, len(tag) + 1):
        options = [
            (previous[0] + 1, start)
            for start in range(max(0, end - _LONGEST_WORD), end)
            if (previous := best[start]) and (tag[start:end] in _FILLERS or tag[start:end] in vocabulary)
        ]
        best.append(min(options, default=None))
    words, end = list[str](), len(tag)
    while end and (last := best[end]):
        words.insert(0, tag[last[1] : end])
        end = last[1]
    return words
