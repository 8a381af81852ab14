"""One record of a source as one raw row: its key, times, hash and bytes, or the reason it cannot become one."""

import json
import math
import re
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from social_crm.sources.dropped.contract import position
from social_crm.sources.model import Record, Rejected, Resource
from social_crm.sources.moments import read_iso
from social_crm.sources.strict_json import DoubledKeys

MAX_RECORD_BYTES = 4 * 1024 * 1024
MAX_KEY_BYTES = 500  # a btree page holds 2,704
MAX_DEPTH = 254  # orjson's own limit
ESCAPE_MARK = "\U0010fffd"
_ESCAPED = re.compile(f"[\x00\ud800-\udfff{ESCAPE_MARK}]")
_POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_NULL = b"\xff\xff\xff\xff"
_HEAD, _TIME = struct.Struct(">hI"), struct.Struct(">Iq")
# _extracted_at, _load_id, _record_hash, _is_escaped, then length and version byte of the jsonb.
_TAIL = struct.Struct(">IqIqI16sI?IB")
_strict_json = json.JSONEncoder(allow_nan=False, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


class Unstorable(Exception):
    """A record that cannot become a raw row, with the reason under which quarantine counts it."""

    def __init__(self, reason: str, detail: str) -> None:
        """Keep a reason from the closed list and a detail without the record's content."""
        super().__init__(detail)
        self.reason, self.detail = reason, detail


class Row(NamedTuple):
    """A raw row ready for `COPY … (format binary)`, with what decides whether it is new."""

    key: str
    moment: int  # time of its version, or of extraction if it has none, as in staging; microseconds since 2000
    digest: bytes
    copied: bytes


def escape_text(text: str) -> str:
    """Write U+0000, lone surrogates and the mark itself as the mark and four hex digits: Postgres refuses them."""
    if text.isascii() and "\x00" not in text:
        return text
    return _ESCAPED.sub(lambda found: f"{ESCAPE_MARK}{ord(found[0]) & 0xFFFF:04x}", text)


def encode(resource: Resource, record: Record, load_id: int, extracted_at: int) -> Row:
    """Return the raw row of a record; raises Unstorable. Unreadable times become NULL."""
    record = _without_omitted(resource, record)
    payload, is_escaped = _encode_payload(record)
    if len(payload) > MAX_RECORD_BYTES:
        raise Unstorable("too_large", f"{len(payload)} bytes of JSON; the limit is {MAX_RECORD_BYTES}")
    key = _key_of(resource, record)
    key_bytes = key.encode()
    if len(key_bytes) > MAX_KEY_BYTES:
        raise Unstorable("key_too_long", f"key of {len(key_bytes)} bytes; the limit is {MAX_KEY_BYTES}")
    event_at, version_at = _time_of(resource.event_at, record), _time_of(resource.version_at, record)
    digest = blake2b(_compared(record, payload), digest_size=16).digest()
    copied = b"".join(
        (
            _HEAD.pack(8, len(key_bytes)),
            key_bytes,
            _NULL if event_at is None else _TIME.pack(8, event_at),
            _NULL if version_at is None else _TIME.pack(8, version_at),
            _TAIL.pack(8, extracted_at, 8, load_id, 16, digest, 1, is_escaped, len(payload) + 1, 1),
            payload,
        )
    )
    return Row(key, extracted_at if version_at is None else version_at, digest, copied)


def quarantined(resource: Resource, record: Any, problem: Unstorable) -> Rejected:
    """Return what quarantine keeps of a record: as much of its content as can be written."""
    try:
        content = json.dumps(_without_omitted(resource, record), default=repr, ensure_ascii=True)
    except (RecursionError, ValueError, TypeError):
        content = ""
    return Rejected(problem.reason, problem.detail, content, _place_of(resource, record))


def _place_of(resource: Resource, record: Any) -> str:
    """Return where a record came from: its file and line if it came in a file, else its key."""
    if isinstance(record, dict) and "_file" in record:
        return position(record["_file"], record.get("_line"))
    try:
        return f"key {_key_of(resource, record)[:MAX_KEY_BYTES]}"
    except Unstorable:
        return ""


def microseconds(moment: datetime) -> int:
    """Return an aware moment in Postgres' binary form: microseconds since 2000."""
    since = moment - _POSTGRES_EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _without_omitted(resource: Resource, record: Record) -> Record:
    for path in resource.people.omits.split() if resource.people else ():
        record = _without(record, path.split("."))
    return record


def _without(value: Any, path: list[str]) -> Any:
    """Return a value without the part at a path within it."""
    first, *rest = path
    if not isinstance(value, dict) or first not in value:
        return value
    others = {name: part for name, part in value.items() if name != first}
    return others | {first: _without(value[first], rest)} if rest else others


def _compared(record: Record, payload: bytes) -> bytes:
    """Return the bytes by which versions differ, without a file's name and line, which change when it is sent again."""
    if "_file" not in record:
        return payload
    return _encode_payload({name: value for name, value in record.items() if name not in ("_file", "_line")})[0]


def _key_of(resource: Resource, record: Record) -> str:
    try:
        key = resource.key(record)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Unstorable("unreadable_key", f"{type(error).__name__} while reading the key") from None
    if not isinstance(key, str) or not key.strip():
        raise Unstorable("missing_key", "the record has no key")
    return escape_text(key)


def _time_of(read: Callable[[Record], str | None], record: Record) -> int | None:
    """Return a claimed moment, or None if it is absent or no ISO 8601; a moment without a zone counts as UTC.

    One whose year in UTC is none of Python's is none either: it would fail whoever reads what is made of it.
    """
    try:
        moment = read_iso(read(record))  # type: ignore[arg-type]  # TypeError covers None
        return microseconds(moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
        return None


def _encode_payload(record: Record) -> tuple[bytes, bool]:
    if not isinstance(record, dict):
        raise Unstorable("not_an_object", f"a {type(record).__name__} instead of a record")
    try:
        payload = orjson.dumps(record, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME)
    except TypeError:  # a lone surrogate, an integer beyond 64 bits, a doubled key, or nested deeper than orjson allows
        return _encode_carefully(record)
    if b"\\" in payload and b"\\u0000" in payload:  # searching for a single byte is much faster
        return _encode_carefully(record)
    if b"null" in payload:  # what orjson writes for NaN and Infinity
        _refuse_not_finite(record)
    return payload, False


def _refuse_not_finite(record: Record) -> None:
    try:
        json.dumps(record, allow_nan=False, default=str)
    except ValueError:
        raise Unstorable("not_json", "NaN or Infinity, which JSON does not have") from None


def _encode_carefully(record: Record) -> tuple[bytes, bool]:
    escaped = _escape(record, MAX_DEPTH)
    try:
        return _strict_json.encode(escaped).encode(), escaped != record
    except ValueError:  # an integer with more digits than Python prints
        raise Unstorable("not_json", "a number too large to be written") from None


def _escape(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return escape_text(value)
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise Unstorable("not_json", "NaN or Infinity, which JSON does not have")
        return value
    if depth == 0:
        raise Unstorable("too_deep", f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, list):
        return [_escape(item, depth - 1) for item in value]
    if isinstance(value, dict) and all(isinstance(name, str) for name in value):
        return {escape_text(name): _escape(item, depth - 1) for name, item in value.items()}
    if isinstance(value, DoubledKeys):
        raise Unstorable("doubled_key", "an object has one key twice, so one value would be lost")
    raise Unstorable("not_json", f"a {type(value).__name__}, which JSON does not have")
