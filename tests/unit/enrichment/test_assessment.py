"""Which texts get a score, which get a reason instead, and what a score is called."""

import hashlib
from importlib.metadata import version

import pytest

from social_crm.enrichment.assessment import SCORER_VERSION, assess, label_sentiment
from social_crm.enrichment.care import CARE_VERSION, score_care
from social_crm.enrichment.vader import read, score
from social_crm.seeds import SEEDS


@pytest.mark.parametrize(
    "text", ["I am very happy with the help you gave me today", "Where do I find the form I need?"]
)
def test_english_gets_the_scores_of_the_whole_text(text: str) -> None:
    assessment = assess(text)
    assert assessment.language == "en"
    assert assessment[1:5] == score(text)
    assert assessment.care_compound == score_care(text, read(text))
    assert assessment.unscored_reason is None


def test_other_languages_get_no_score_even_with_words_of_the_lexicon() -> None:
    text = "no funciona la app, estoy harto de este banco, es fatal"
    assert score(text).compound != 0
    assessment = assess(text)
    assert assessment.language == "es"
    assert assessment[1:] == (None, None, None, None, None, "language_without_lexicon")


@pytest.mark.parametrize("text", ["Great!", "😂😂", "@AcmeBank terrible https://t.co/x", ":("])
def test_text_too_short_to_tell_is_scored_if_the_lexicon_knows_a_word_of_it(text: str) -> None:
    assessment = assess(text)
    assert assessment.language == "und"
    assert assessment[1:5] == score(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no_text"),
        (" \n", "no_text"),
        ("@AcmeBank https://t.co/x 12:30 !!! 🏦", "no_text"),
        ("any update?", "undetermined_language"),
    ],
)
def test_text_without_evidence_has_a_reason_and_no_number(text: str, reason: str) -> None:
    assert assess(text) == ("und", None, None, None, None, None, reason)


@pytest.mark.parametrize(
    ("care_compound", "label"),
    [
        (1.0, "positive"),
        (0.15, "positive"),
        (0.1499, "neutral"),
        (0.0, "neutral"),
        (-0.0199, "neutral"),
        (-0.02, "negative"),
        (-1.0, "negative"),
    ],
)
def test_labels_follow_the_seed_at_the_bounds(care_compound: float, label: str) -> None:
    assert label_sentiment(care_compound) == label


def test_a_word_that_only_the_care_lexicon_knows_is_evidence() -> None:
    assessment = assess("on hold")
    assert (assessment.language, assessment.compound, assessment.unscored_reason) == ("und", 0.0, None)
    assert assessment.care_compound is not None
    assert label_sentiment(assessment.care_compound) == "negative"


def test_the_scorer_version_names_the_installed_libraries() -> None:
    vader, language = f"vader-{version('vaderSentiment')}", f"lang-pycld2-{version('pycld2')}"
    assert f"{vader}+{CARE_VERSION}+{language}" == SCORER_VERSION


def test_the_scorer_version_follows_the_lexicon() -> None:
    seed = (SEEDS / "care_lexicon.csv").read_bytes()
    assert CARE_VERSION.endswith(f"-{hashlib.sha256(seed).hexdigest()[:12]}")
