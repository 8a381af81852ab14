"""JSON as sources send it, with no key lost: for a duplicate key, other parsers keep only the last value."""

import json
import re
from typing import Any

import msgspec
import orjson

# Under this name an object reports duplicate keys, wherever a source module then puts it.
DOUBLED = "_doubled_keys"
# Parsers give up near a thousand levels in total; a raw row may have fewer than half of that.
MOST_NESTED = 600
# Stands for deeper nesting: neither a list nor an object, which could be mistaken for an empty one.
TOO_DEEP = b'"nested too deep"'
_SIGNS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.S)


class DoubledKeys:
    """Duplicate keys of one object. This is no JSON value, so its record cannot become a raw row."""

    def __init__(self, names: set[str]) -> None:
        """Keep the names, for readers of the quarantine."""
        self.names = names

    def __repr__(self) -> str:
        """Name them."""
        return ", ".join(sorted(self.names))


def parse(content: bytes) -> Any:
    """Parse without losing a byte or key: invalid UTF-8 stays as lone surrogates, an object reports duplicate keys.

    A record that is nested too deep does not affect others: enough of it is read for landing to refuse it.
    """
    try:
        return _parse(content)
    except RecursionError:
        return _parse(_less_nested(content))


def _parse(content: bytes) -> Any:
    """Parse what is not nested too deep.

    The C parser does not report duplicate keys but is twice as fast as Python's, even with a check whether any is lost.
    Input that it refuses (NaN, lone surrogates, numbers too large, a byte order mark) is read by Python's parser.
    """
    try:
        value = msgspec.json.decode(content)
        if _has_every_key(content, value):
            return value
    except (TypeError, ValueError, msgspec.MsgspecError):
        pass
    return json.loads(content.decode("utf-8-sig", "surrogateescape"), object_pairs_hook=marked)


def _less_nested(content: bytes) -> bytes:
    """Return JSON with a mark in place of each part that is nested too deep; raises ValueError where one has no end."""
    kept, depth, start = list[bytes](), 0, 0
    for found in _SIGNS.finditer(content):
        if found[0] in (b"[", b"{"):
            if depth == MOST_NESTED:
                kept += [content[start : found.start()], TOO_DEEP]
            depth += 1
        elif found[0] in (b"]", b"}"):
            depth -= 1
            if depth == MOST_NESTED:
                start = found.end()
    if depth > MOST_NESTED:
        raise ValueError("nested too deep, and cut off there")
    return b"".join([*kept, content[start:]])


def marked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object with its last values; duplicate keys are listed under `DOUBLED`."""
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        record[DOUBLED] = DoubledKeys({name for name in record if names.count(name) > 1})
    return record


def _has_every_key(content: bytes, value: Any) -> bool:
    """Tell exactly: a lost key takes its two quotes with it, and only an escaped quote could compensate for them.

    What cannot be written raises TypeError: an integer beyond 64 bits, or deeper than orjson goes.
    """
    return content.count(b'"') == orjson.dumps(value).count(b'"') and b"\\u0022" not in content
