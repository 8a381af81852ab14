"""Records of a JSON file: a list of objects, or the answer of a search API with its `hits`."""

import json
from collections.abc import Iterator
from typing import Any

from social_crm.errors import FileRefused
from social_crm.sources.dropped.content import Content
from social_crm.sources.dropped.contract import FileContract, missing_columns, value_of, with_near
from social_crm.sources.model import Record, Rejected
from social_crm.sources.strict_json import DOUBLED, marked

# A JSON list is parsed as a whole, so its size bounds a worker's memory.
MAX_JSON_BYTES = 64 << 20


class Hits:
    """One JSON file: `inspect` all of it before reading `rows`."""

    def __init__(self, content: Content, contract: FileContract) -> None:
        """Parse the file strictly; raises FileRefused if it is not complete JSON or contains no list of objects."""
        self._name, self._contract = content.name, contract
        if not contract.takes_json:
            raise FileRefused(f"{content.name}: is JSON, and this inbox takes CSV")
        if content.size > MAX_JSON_BYTES:
            raise FileRefused(f"{content.name}: JSON of more than {MAX_JSON_BYTES:,} bytes: split it, or send CSV")
        try:
            with content.text() as stream:
                document = json.load(stream, parse_constant=_refuse_constant, object_pairs_hook=marked)
        except (ValueError, RecursionError) as error:
            where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else type(error).__name__
            raise FileRefused(f"{content.name}: is cut off or not valid JSON ({where}): send it again") from error
        if any(DOUBLED in part for part in _around(document)):
            raise FileRefused(f"{content.name}: what surrounds its records has one key twice: send it again")
        self._hits = _list_of_hits(document)

    def inspect(self) -> None:
        """Raise FileRefused unless some record has the contract's columns and no id is a rounded number."""
        objects = [hit for hit in self._hits or [] if isinstance(hit, dict)]
        if self._hits is None or (self._hits and not objects):
            raise FileRefused(f"{self._name}: holds no list of records, at its top or under hits.hits")
        missing = [(missing_columns(list(hit), self._contract), list(hit)) for hit in objects]
        if objects and all(absent for absent, _ in missing):
            absent, headers = min(missing, key=lambda found: len(found[0]))
            named = with_near(absent, headers, self._contract)
            raise FileRefused(f"{self._name}: columns missing in every record: {named} (the right inbox?)")
        rounded = [hit for hit in objects if any(isinstance(value_of(hit, key), float) for key in self._contract.ids)]
        if rounded:
            raise FileRefused(f"{self._name}: {len(rounded)} ids are rounded numbers: export ids as text or integers")

    def rows(self) -> Iterator[Record | Rejected]:
        """Yield each record as sent, or its rejection with its place in the list."""
        for number, hit in enumerate(self._hits or [], 1):
            position = f"{self._name} record {number}"
            absent = missing_columns(list(hit), self._contract) if isinstance(hit, dict) else ["an object"]
            if absent:
                yield Rejected(
                    "missing_columns", self._contract.shown(*absent), json.dumps(hit, default=repr), position
                )
            else:
                yield hit | {"_file": self._name, "_line": number}


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")


def _around(document: Any) -> list[dict[str, Any]]:
    """Return the objects around the list of records: the search answer and its hits, or nothing."""
    answer = document if isinstance(document, dict) else {}
    hits = answer.get("hits")
    return [answer, hits] if isinstance(hits, dict) else [answer]


def _list_of_hits(document: Any) -> list[Any] | None:
    """Unwrap a search answer and each hit's `_source`: what surrounds them describes the search, not the record."""
    hits = document if isinstance(document, list) else _around(document)[-1].get("hits")
    return [_record_of(hit) for hit in hits] if isinstance(hits, list) else None


def _record_of(hit: Any) -> Any:
    """Return a hit's record; a duplicate key in the hit counts for the record as well."""
    record = hit.get("_source") if isinstance(hit, dict) else None
    if not isinstance(record, dict):
        return hit
    return record | {DOUBLED: hit[DOUBLED]} if DOUBLED in hit else record
