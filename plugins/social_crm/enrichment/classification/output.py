"""A classification as JSON, the shape of the command line's answers."""

from pathlib import Path
from typing import Any

from social_crm.enrichment.classification import Classification, classify_many, name_version
from social_crm.enrichment.json_lines import Record
from social_crm.enrichment.language import language_of


def describe(model_folder: Path | None, records: list[Record]) -> list[Record]:
    """Return language and classification of each record; a `language` in the record is used as given."""
    languages = [language_of(record) for record in records]
    texts = [(record["text"], language) for record, language in zip(records, languages, strict=True)]
    version = name_version(model_folder)
    return [
        {"language": language, "classification": {"version": version, **to_json(classification)}}
        for language, classification in zip(languages, classify_many(texts, model_folder), strict=True)
    ]


def to_json(found: Classification) -> dict[str, Any]:
    """Return the decisions as JSON objects and lists; undecided ones are null."""
    return {
        "is_serviceable": found.is_serviceable,
        "serviceable_reason": found.serviceable_reason,
        "serviceable_weight": found.serviceable_weight,
        "serviceable_decided_by": found.serviceable_decided_by,
        "serviceable_decision_id": found.serviceable_decision_id,
        "contact_type": found.contact_types[0].code if found.contact_types else None,
        "contact_types": [decision._asdict() for decision in found.contact_types],
        "issues": [decision._asdict() for decision in found.issues],
        "flags": [decision._asdict() for decision in found.flags],
        "sentiment": found.sentiment._asdict() if found.sentiment else None,
    }
