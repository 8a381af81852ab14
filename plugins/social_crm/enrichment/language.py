"""The language of a text, by CLD2, whose tables are in the wheel (docs/decisions/0011)."""

import re
from collections.abc import Mapping
from typing import Any, Final

import pycld2

UNDETERMINED: Final = "und"
DETECTOR_VERSION: Final = "pycld2-0.42"
_READ_CHARACTERS: Final = 1_000
# They are names, not words: one "@SouthwestAir" makes a Spanish tweet half English.
_NAMES: Final = re.compile(r"https?://\S+|[@#]\w+")
_STANDARD_CODES: Final = {"iw": "he", "jw": "jv", "zh-Hant": "zh"}
# Unknown, a script instead of a language, and CLD2's jokes: Pig Latin, Elmer Fudd, Klingon.
_NO_LANGUAGES: Final = ("un", "xx", "zz", "tlh")
# The languages that can be detected.
LANGUAGES: Final = frozenset(
    _STANDARD_CODES.get(code, code) for _, code in pycld2.LANGUAGES if not code.startswith(_NO_LANGUAGES)
)


def language_of(record: Mapping[str, Any]) -> str:
    """Return the language that a record names, in the codes of detection; else the detected language of its `text`.

    Rules and models use one code per language: "en-US", "EN" and "en_GB" become "en".
    """
    given = record.get("language")
    code = re.split("[-_]", given.strip())[0].lower() if isinstance(given, str) else ""
    code = _STANDARD_CODES.get(code, code)
    return code if code in LANGUAGES or code == UNDETERMINED else detect_language(record["text"])


def detect_language(text: str) -> str:
    """Return the ISO 639 code of the first 1,000 characters, `und` if they are too few or too mixed."""
    words = _NAMES.sub(" ", text[:_READ_CHARACTERS])
    try:
        is_reliable, _, found = pycld2.detect(words.encode("utf-8", "replace"))
    except pycld2.error:
        # CLD2 refuses control characters and the like, which occur in real feeds.
        printable = "".join(character if character.isprintable() else " " for character in words)
        is_reliable, _, found = pycld2.detect(printable.encode("utf-8"))
    code = str(found[0][1])
    if not is_reliable or code.startswith(_NO_LANGUAGES):
        return UNDETERMINED
    return _STANDARD_CODES.get(code, code)
