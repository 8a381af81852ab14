"""Signals of a text beyond its words: a card number, an address, a tone. Patterns name these in braces."""

import re
from collections.abc import Iterator
from typing import Final

from social_crm.enrichment.vader import LEXICON, Reading, score_reading

SIGNALS: Final = frozenset(
    (
        *("card_number", "email", "phone", "national_id", "url", "handle", "hashtag", "money", "number"),
        *("negative", "very_negative", "positive", "very_positive", "neutral", "short", "question", "shouting"),
        *("exclaiming", "no_words", "praise_denied"),
    )
)
# Groups of digits close to each other: a card number, its expiry date and other numbers beside it.
_DIGITS_IN_A_ROW: Final = re.compile(r"\d+(?:[ \u00a0\u2007\u202f./_\u2010-\u2015-]{1,3}\d+)*")
_DIGITS: Final = re.compile(r"\d+")
_CARD_LENGTHS: Final = range(13, 20)
# Card numbers are not printed in smaller groups; some spans of "1 2 3 4 5 6 7 8 ..." have a valid check digit.
_LEAST_GROUP: Final = 3
# Each of these begins with something rare, and matches wherever the expression below it does.
_PERHAPS_EMAIL: Final = re.compile(r"@(?<=[\w.%+-]@)[\w-]+\.")
# Not a fediverse handle, which is written @name@server.
_EMAIL: Final = re.compile(r"(?<![\w.%+@-])[\w.%+-]+@[\w-]+(?:\.[\w-]+)+")
_PERHAPS_PHONE: Final = re.compile(r"\d(?:[ ().-]{0,2}\d){9}")
_PHONE: Final = re.compile(r"\(?\+?(?<!\d)(?!\d{4}-\d{2}-\d{2}(?!\d))\d(?:[ ().-]{0,2}\d){9,14}(?!\d)")
_PERHAPS_NATIONAL_ID: Final = re.compile(r"\d(?:[ -]?[^\W\d_]|-\d\d-)")
# US SSN, and as ops.mask_text knows them those of Singapore, India, the United Kingdom, Spain and Italy.
_NATIONAL_ID: Final = re.compile(
    r"(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)|\b(?:[STFGM]\d{7}|[A-Z]{5}\d{4}|[A-CEGHJ-TW-Z]{2} ?\d\d ?\d\d ?\d\d ?(?=[A-D])"
    r"|(?:[XYZ]-?\d{7}|\d{8})-?|[A-Z]{6}\d\d[A-Z]\d\d[A-Z]\d{3})[A-Z]\b",
    re.I,
)
_MONEY: Final = re.compile(
    r"[$£€₹]\s?\d|\b(?:usd|eur|gbp|inr|sgd|rs\.?)\s?\d|\d\s?(?:usd|eur|gbp|inr|sgd|dollars|pounds|euros?|rupees)\b",
    re.I,
)
_DIGIT: Final = re.compile(r"\d")
_CAPITALS: Final = re.compile(r"\b[A-Z]{4,}\b")
_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
# Only this much of a text is searched for numbers, which limits the time; people write less.
_READ_CHARACTERS: Final = 20_000
_MILD, _STRONG = 0.05, 0.5
# VADER's valence for words that praise by themselves; "like", "want" and "sure" have less.
_PRAISE: Final = 1.8
_SHORT_WORDS: Final = 6


def read_signals(text: str, words: list[str], tone: Reading) -> frozenset[str]:
    """Return the names of a text's signals; `words` are from `split_words`, `tone` is VADER's reading."""
    signals = {*_read_tone(tone), *_read_numbers(text[:_READ_CHARACTERS])}
    if not any(word[0].isalnum() and not word.startswith("http") for word in words):
        signals.add("no_words")
    if _denies_praise(tone):
        signals.add("praise_denied")
    if len(words) <= _SHORT_WORDS:
        signals.add("short")
    for mark, name in (("http", "url"), ("@", "handle"), ("#", "hashtag"), ("?", "question"), ("!", "exclaiming")):
        if mark in text:
            signals.add(name)
    if len(_CAPITALS.findall(text)) > 1:
        signals.add("shouting")
    return frozenset(signals)


def is_card_number(digits: str) -> bool:
    """Tell whether digits have a valid check digit of payment cards (Luhn) and are not one digit repeated."""
    total = sum(_DOUBLED[int(digit)] if place % 2 else int(digit) for place, digit in enumerate(reversed(digits)))
    return total % 10 == 0 and len(set(digits)) > 1


def _read_tone(tone: Reading) -> list[str]:
    compound = score_reading(tone).compound
    if -_MILD < compound < _MILD:
        return ["neutral"]
    name = "positive" if compound > 0 else "negative"
    return [name, f"very_{name}"] if abs(compound) >= _STRONG else [name]


def _denies_praise(tone: Reading) -> bool:
    """Tell whether a word of praise is reversed by a negation."""
    pairs = zip(tone.hits, tone.valences, strict=True)
    return any(valence < 0 and LEXICON[tone.words[position]] >= _PRAISE for position, valence in pairs)


def _read_numbers(text: str) -> list[str]:
    found = ["email"] if _PERHAPS_EMAIL.search(text) and _EMAIL.search(text) else []
    if not _DIGIT.search(text):
        return found
    found.append("number")
    if _MONEY.search(text):
        found.append("money")
    if _PERHAPS_NATIONAL_ID.search(text) and _NATIONAL_ID.search(text):
        found.append("national_id")
    if any(is_card_number(digits) for row in _DIGITS_IN_A_ROW.findall(text) for digits in _list_candidates(row)):
        found.append("card_number")
    elif _PERHAPS_PHONE.search(text) and _PHONE.search(text):
        found.append("phone")
    return found


def _list_candidates(row: str) -> Iterator[str]:
    """Yield the digits of all possible card numbers: the whole row, and any run of neighbouring groups.

    Each group is combined only with the few after it that fit into a card number, so the time is linear.
    """
    if len(row) < _CARD_LENGTHS[0]:
        return
    groups = _DIGITS.findall(row)
    whole = "".join(groups)
    if len(whole) in _CARD_LENGTHS:
        yield whole
    for start in range(len(groups)):
        digits = ""
        for group in groups[start : start + _CARD_LENGTHS[-1] // _LEAST_GROUP]:
            digits += group
            if len(group) < _LEAST_GROUP or len(digits) > _CARD_LENGTHS[-1]:
                break
            if len(digits) in _CARD_LENGTHS:
                yield digits
