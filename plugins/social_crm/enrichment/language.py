"""Which language a text is written in, by CLD2, whose tables come inside the wheel (docs/decisions/0011)."""

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
# Unknown, a script rather than a language, and its jokes: Pig Latin, Elmer Fudd, Klingon.
_NO_LANGUAGES: Final = ("un", "xx", "zz", "tlh")
# What a text can be found to be written in.
LANGUAGES: Final = frozenset(
    _STANDARD_CODES.get(code, code) for _, code in pycld2.LANGUAGES if not code.startswith(_NO_LANGUAGES)
)


def language_of(record: Mapping[str, Any]) -> str:
    """Return the language that a record names, as texts are found to be in it; else what is detected of its `text`.

    Rules and models know a language by one code only: "en-US", "EN" and "en_GB" are "en" to them.
    """
    given = record.get("language")
    code = re.split("[-_]", given.strip())[0].lower() if isinstance(given, str) else ""
    code = _STANDARD_CODES.get(code, code)
    return code if code in LANGUAGES or code == UNDETERMINED else detect_language(record["text"])


def detect_language(text: str) -> str:
    """Return the ISO 639 code of the first 1,000 characters, `und` where they are too few or too odd to be sure."""
    words = _NAMES.sub(" ", text[:_READ_CHARACTERS])
    try:
        is_reliable, _, found = pycld2.detect(words.encode("utf-8", "replace"))
    except pycld2.error:
        # It refuses control characters and the like, which real feeds hold.
        printable = "".join(character if character.isprintable() else " " for character in words)
        is_reliable, _, found = pycld2.detect(printable.encode("utf-8"))
    code = str(found[0][1])
    if not is_reliable or code.startswith(_NO_LANGUAGES):
        return UNDETERMINED
    return _STANDARD_CODES.get(code, code)
