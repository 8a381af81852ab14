"""One e-mail as a record: its headers and its text as sent; attachments are counted, not kept.

The standard library's newer policy stops at headers that real mail has, so headers are decoded here, one by one.
"""

import codecs
import re
from collections.abc import Iterator
from datetime import datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256

from social_crm.sources.model import Record

# Mail labelled so is Windows' code page more often than what it says, and the same where it is not (as browsers do).
_READ_AS = {"ascii": "cp1252", "iso8859-1": "cp1252"}
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_ADDRESS_HEADERS = {"from": "from", "to": "to", "cc": "cc", "reply_to": "reply-to", "delivered_to": "delivered-to"}
MAX_TEXT_BYTES = 1 << 20  # longer texts are cut here, so that texts and headers together fit into a raw row
# The rest of a longer header stays as sent: decoding takes time with the square of the number of encoded words.
MAX_DECODED_CHARACTERS = 10_000
# A picture within an HTML text is no text.
_DATA_URI = re.compile(r"""\bdata:[^\s,"'<>]*;base64,[a-z0-9+/=\s]*""", re.IGNORECASE)


def read_message(content: bytes) -> Record:
    """Return the content of an e-mail, and `content_key`, which is the same in every mailbox."""
    message = BytesParser(policy=compat32).parsebytes(content)
    headers = _headers(message)
    unknown: set[str] = set()
    texts = list(_texts(message, unknown))
    text = "\n".join(text for kind, text in texts if kind == "text/plain")
    html = _DATA_URI.sub("", "\n".join(text for kind, text in texts if kind == "text/html"))
    shown_text, shown_html = _beginning(text), _beginning(html)
    return {
        "content_key": _content_key(headers, content),
        "message_id": _first(headers, "message-id"),
        "in_reply_to": _MESSAGE_ID.findall(_first(headers, "in-reply-to") or ""),
        "references": _MESSAGE_ID.findall(_first(headers, "references") or ""),
        "date": _first(headers, "date"),
        "sent_at": _moment(_first(headers, "date")),
        **{name: _addresses(headers.get(header, [])) for name, header in _ADDRESS_HEADERS.items()},
        "subject": _decoded(_first(headers, "subject")),
        "text": shown_text or None,
        "html": shown_html or None,
        "is_cut": (shown_text, shown_html) != (text, html),
        "attachment_count": sum(1 for part in message.walk() if _is_attachment(part)),
        "content_type": message.get_content_type(),
        "auto_submitted": _first(headers, "auto-submitted"),
        "unknown_charsets": sorted(unknown),
    }


def _headers(message: Message) -> dict[str, list[str]]:
    """Return each header's values as sent, unfolded; bytes beyond ASCII are read as UTF-8, or else as Windows' text."""
    headers: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        raw = re.sub(r"\r?\n[ \t]*", " ", str(value)).encode("utf-8", "surrogateescape")
        headers.setdefault(str(name).lower(), []).append(_read(raw, "utf-8", set()).strip())
    return headers


def _first(headers: dict[str, list[str]], name: str) -> str | None:
    return next((value for value in headers.get(name, []) if value), None)


def _content_key(headers: dict[str, list[str]], content: bytes) -> str:
    """Return a hash of what the sender wrote, because servers add other headers and change line ends."""
    written = [_first(headers, name) or "" for name in ("message-id", "from", "date", "subject")]
    lines = content.replace(b"\r\n", b"\n")
    _, _, body = lines.partition(b"\n\n")
    return sha256("\0".join(written).encode("utf-8", "surrogatepass") + b"\0" + body.rstrip()).hexdigest()[:32]


def _moment(date: str | None) -> str | None:
    """Return the Date header as ISO 8601, or None if it is no date; -0000 means that the zone is unknown."""
    try:
        moment: datetime = parsedate_to_datetime(date or "")
        return moment.isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _addresses(values: list[str]) -> list[Record]:
    """Return names and addresses in order; what contains no address is kept as a name."""
    try:
        found = getaddresses(values)
    except RecursionError:  # hundreds of nested brackets
        return []
    return [{"name": _decoded(name) or None, "address": address or None} for name, address in found]


def _decoded(value: str | None) -> str | None:
    """Return a header's encoded words as text; what is no proper encoded word stays as it was sent."""
    if value is None:
        return None
    try:
        chunks = decode_header(value[:MAX_DECODED_CHARACTERS])
    except (HeaderParseError, ValueError):  # broken base64
        return value
    decoded = (
        chunk if isinstance(chunk, str) else _read(chunk, charset or "utf-8", set()) for chunk, charset in chunks
    )
    return "".join([*decoded, value[MAX_DECODED_CHARACTERS:]])


def _texts(message: Message, unknown: set[str]) -> Iterator[tuple[str, str]]:
    """Yield kind and text of every displayed part; the parts of a forwarded mail belong to that attachment."""
    if _is_attachment(message):
        return
    if message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _texts(part, unknown)
        return
    # A multipart without parts has a missing or wrong boundary: its text is read as it is.
    kind = "text/plain" if message.get_content_maintype() == "multipart" else message.get_content_type()
    if kind in ("text/plain", "text/html"):
        content = message.get_payload(decode=True)
        charset = message.get_content_charset() or "utf-8"
        yield kind, _read(content if isinstance(content, bytes) else b"", charset, unknown)


def _beginning(text: str) -> str:
    """Return the part of a text that is kept, in whole characters."""
    content = text.encode("utf-8", "surrogatepass")
    if len(content) <= MAX_TEXT_BYTES:
        return text
    end = MAX_TEXT_BYTES
    while content[end] & 0xC0 == 0x80:  # within a character
        end -= 1
    return content[:end].decode("utf-8", "surrogatepass")


def _is_attachment(part: Message) -> bool:
    if part.get_content_maintype() == "multipart":
        return False
    is_text = part.get_content_type() in ("text/plain", "text/html", "message/delivery-status")
    return part.get_content_disposition() == "attachment" or bool(part.get_filename()) or not is_text


def _read(content: bytes, charset: str, unknown: set[str]) -> str:
    """Decode bytes without losing any: landing escapes and flags what a charset does not know."""
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        unknown.add(charset)
        name = "utf-8"
    if name == "utf-8" and not _is_utf8(content):
        name = "cp1252"
    try:
        return content.decode(_READ_AS.get(name, name), "surrogateescape")
    except (UnicodeError, LookupError):  # a multi-byte charset cut in the middle, or a codec that is not for text
        return content.decode("utf-8", "surrogateescape")


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
