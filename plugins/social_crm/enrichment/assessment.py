"""What enrichment says about a text: its language, and its sentiment if there is a lexicon for that language."""

import re
from functools import cache
from typing import Final, NamedTuple

from social_crm.enrichment.care import CARE_VERSION, score_care
from social_crm.enrichment.language import DETECTOR_VERSION, UNDETERMINED, detect_language
from social_crm.enrichment.vader import read, score_reading
from social_crm.seeds import SEEDS, read_seed

SCORER_VERSION: Final = f"vader-3.3.2+{CARE_VERSION}+lang-{DETECTOR_VERSION}"
_LEXICON_LANGUAGE: Final = "en"
_LETTERS: Final = re.compile(r"[^\W\d_]")
_LINKS_AND_HANDLES: Final = re.compile(r"https?://\S+|@\w+")


class Assessment(NamedTuple):
    """One row's worth of `enriched.text_sentiment`: the scores, or the reason why there are none."""

    language: str
    compound: float | None
    positive: float | None
    neutral: float | None
    negative: float | None
    care_compound: float | None
    unscored_reason: str | None


def assess(text: str) -> Assessment:
    """Detect the language, then score English, and text of undetermined language with a word of the lexicon."""
    language = detect_language(text)
    if language not in (_LEXICON_LANGUAGE, UNDETERMINED):
        return Assessment(language, None, None, None, None, None, "language_without_lexicon")
    reading = read(text)
    scores, care_compound = score_reading(reading), score_care(text, reading)
    if language == UNDETERMINED and not (scores.positive or scores.negative or care_compound):
        has_letters = _LETTERS.search(_LINKS_AND_HANDLES.sub(" ", text))
        reason = "undetermined_language" if has_letters else "no_text"
        return Assessment(language, None, None, None, None, None, reason)
    return Assessment(language, *scores, care_compound, unscored_reason=None)


def label_sentiment(care_compound: float) -> str:
    """Return the label with the highest lower bound that `care_compound` reaches."""
    return next(label for lower_bound, label in _read_thresholds() if care_compound >= lower_bound)


@cache
def _read_thresholds() -> list[tuple[float, str]]:
    rows = read_seed(SEEDS / "sentiment_thresholds.csv")
    return sorted(((float(row["lower_bound"]), row["label"]) for row in rows), reverse=True)
