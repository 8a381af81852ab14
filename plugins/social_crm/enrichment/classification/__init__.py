"""What a text is: serviceable or not, which contact types, about which issues, with which flags.

Rules in the seeds decide. A model trained on the user's own labels (social_crm.enrichment.training), if there is one,
decides first where it is confident enough.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from social_crm.enrichment.classification.decisions import Classification, decide
from social_crm.enrichment.classification.features import FEATURES_VERSION
from social_crm.enrichment.classification.merging import merge, refuse_unknown_labels
from social_crm.enrichment.classification.model import Model, load_model
from social_crm.enrichment.classification.rules import load_rules
from social_crm.settings import classifier_model

__all__ = ["Classification", "classifier_version", "classify_many", "name_version"]

# Increased by hand when the same rules would decide differently.
_ENGINE_VERSION: Final = "5"


def name_version(model_folder: Path | None) -> str:
    """Return what decisions depend on: the engine, the rules, and the model, if any, with its features."""
    version = f"engine-{_ENGINE_VERSION}+rules-{load_rules().version}"
    return f"{version}+{FEATURES_VERSION}+{_load(model_folder).version}" if model_folder else version


# Per process: the setting as it was at the start.
_MODEL_FOLDER: Final = classifier_model()


@cache
def classifier_version() -> str:
    """Return this process' rules and model, with the seeds as they are at the first call.

    Not at import: otherwise a refused model could not be retrained while the setting names it. Raises ModelRefused if
    the model that the setting names cannot be used.
    """
    return name_version(_MODEL_FOLDER)


@cache
def _load(model_folder: Path) -> Model:
    """Return a model, all of whose labels are in the seeds."""
    model = load_model(model_folder)
    refuse_unknown_labels(model)
    return model


def classify_many(
    texts: Iterable[tuple[str, str | None]], model_folder: Path | None = _MODEL_FOLDER
) -> list[Classification]:
    """Decide everything about texts; None, like `und`, is an unknown language."""
    rules = load_rules()
    readings = [rules.read(text, language) for text, language in texts]
    decided = [decide(rules, reading) for reading in readings]
    if not model_folder:
        return decided
    model = _load(model_folder)
    return [
        merge(rules, classification, answers, model)
        for classification, answers in zip(decided, model.answer(readings, decided), strict=True)
    ]
