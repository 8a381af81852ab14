"""What a text says about a company's service: VADER's valences, corrected and extended by the customer-care lexicon."""

import re
from collections.abc import Collection, Set
from functools import cache, lru_cache
from math import sqrt
from typing import Final, NamedTuple

from social_crm.enrichment.care_lexicon import LEXICON_HASH, NUMBER, read_lexicon
from social_crm.enrichment.hashtags import find_hashtags, split_hashtag
from social_crm.enrichment.vader import LEXICON, NEGATIONS, NORMALISER, Reading, read, round_to

# The version of the rules below: raise it with every change, so that texts are scored again.
CARE_VERSION: Final = f"care-3-{LEXICON_HASH}"

# The factors are calibrated on the development tweets of benchmarks/text_quality.py, in steps of a twentieth.
# VADER takes politeness for praise: words that only VADER finds positive count a little less than negative ones.
_PRAISE_BY_VADER: Final = 0.8
# "Thanks for your help, could you ...?" asks and does not praise.
_PRAISE_IN_REQUEST: Final = 0.25
# "Great, my flight is delayed. Thanks!" complains.
_PRAISE_BESIDE_COMPLAINT: Final = 0.6
_LEAST_COMPLAINT: Final = -0.3
_BEFORE_BUT, _AFTER_BUT = 0.5, 1.5
_NEGATED_WITHIN: Final = 2

_HANDLE: Final = re.compile(r"@(\w+)")
# Characters that prevent a look-up of a word.
_ODD: Final = re.compile("[0-9\ufe0f]")
# The variation selector for coloured emoji.
_COLOURED: Final = "\ufe0f"
_NEGATORS: Final = NEGATIONS | {"no"}


class _Tally(NamedTuple):
    """The sums of positive and negative evidence; `complaint` is the part of `blame` from the care lexicon."""

    praise: float
    blame: float
    complaint: float
    is_request: bool


_NOTHING: Final = _Tally(0.0, 0.0, 0.0, is_request=False)


def score_care(text: str, reading: Reading) -> float:
    """Return the care sentiment of `text`, from -1 to 1; `reading` is VADER's reading of the same text."""
    handles = _find_handles(text) if reading.hits and "@" in text else ()
    words = _normalise(reading.words) if _ODD.search(text) else reading.words
    tally = _weigh(words, reading, handles)
    if "#" in text:
        tally = _add_hashtags(tally, text)
    praise = tally.praise
    if tally.is_request or "?" in text:
        praise *= _PRAISE_IN_REQUEST
    if tally.complaint < _LEAST_COMPLAINT:
        praise *= _PRAISE_BESIDE_COMPLAINT
    total = praise + tally.blame
    if total > 0:
        total += reading.emphasis
    elif total < 0:
        total -= reading.emphasis
    return round_to(total / sqrt(total * total + NORMALISER), 4, 10_000) if total else 0.0


def _weigh(words: list[str], reading: Reading, handles: Collection[str]) -> _Tally:
    """Add up the terms of the care lexicon, and VADER's words that no term covers."""
    found = list(read_lexicon().find(words))
    covered = {position for start, end, _ in found for position in range(start, end)}
    # The "but" of "nothing but praise" reverses nothing.
    turns = (place for place, word in enumerate(words) if word == "but" and place not in covered)
    turn = next(turns, None) if "but" in words else None
    praise = complaint = blame = 0.0
    is_request = False
    for start, _, term in found:
        is_request = is_request or term.is_request
        # A denied complaint or praise counts as neither; "no problems" is a term of its own.
        if not term.valence or (start and not _NEGATORS.isdisjoint(words[max(start - _NEGATED_WITHIN, 0) : start])):
            continue
        valence = term.valence if turn is None else term.valence * (_AFTER_BUT if start > turn else _BEFORE_BUT)
        if valence > 0:
            praise += valence
        else:
            complaint += valence
    for position, valence in zip(reading.hits, reading.valences, strict=True):
        if position in covered or reading.words[position] in handles:
            continue
        if valence > 0:
            praise += valence * _PRAISE_BY_VADER
        else:
            blame += valence
    return _Tally(praise, blame + complaint, complaint, is_request)


def _normalise(words: list[str]) -> list[str]:
    return [
        word if word.isalpha() else NUMBER if word[0].isdigit() else word.replace(_COLOURED, "") or word
        for word in words
    ]


def _find_handles(text: str) -> set[str]:
    """Return the names that the text is addressed to: the name of a company called United is no praise."""
    return {handle.lower() for handle in _HANDLE.findall(text)}


def _add_hashtags(tally: _Tally, text: str) -> _Tally:
    """Add the words of the text's hashtags after splitting; a hashtag that is a word was already read."""
    praise, blame, complaint, is_request = tally
    for tag in find_hashtags(text):
        said = _weigh_hashtag(tag)
        praise += said.praise
        blame += said.blame
        complaint += said.complaint
        is_request = is_request or said.is_request
    return _Tally(praise, blame, complaint, is_request)


@lru_cache(maxsize=4096)
def _weigh_hashtag(tag: str) -> _Tally:
    words = split_hashtag(tag, _vocabulary())
    return _weigh(words, read(" ".join(words)), ()) if len(words) > 1 else _NOTHING


@cache
def _vocabulary() -> Set[str]:
    """Return the words of both lexicons that a hashtag may consist of."""
    return read_lexicon().words | {word for word in LEXICON if word.isalpha() and len(word) > 2}
