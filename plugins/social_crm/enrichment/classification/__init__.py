"""What a text is: serviceable or not, which contact types, about which issues, with which flags.

Rules in the seeds decide; a model trained on the user's own labels (social_crm.enrichment.training) decides first where
there is one and it is sure enough.
"""

from collections.abc import Iterable
from typing import Final

from social_crm.enrichment.classification.decisions import Classification, decide
from social_crm.enrichment.classification.rules import load_rules

_ENGINE_VERSION: Final = "1"
CLASSIFIER_VERSION: Final = f"engine-{_ENGINE_VERSION}+rules-{load_rules().version}"


def classify(text: str, language: str | None) -> Classification:
    """Decide all there is to decide of one text; None, like `und`, is a language that nobody could tell."""
    return decide(load_rules(), text, language)


def classify_many(texts: Iterable[tuple[str, str | None]]) -> list[Classification]:
    """Classify texts, each with its language: the same answers as one by one, sooner."""
    return [classify(text, language) for text, language in texts]
