"""How a source appears in messages: what is read, and where."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from social_crm.sources.model import Window

_LOGIN = re.compile(r"//[^?#]*@")
_QUERY = re.compile(r"[?#].*", re.S)
# An invalid port, which is the beginning of a password with an unescaped slash.
_NO_PORT = re.compile(r"(//[^/:\[\]]*:)(?!\d*(?:/|$))[^/]*")


def context_of(source: str, resource: str, window: Window | None) -> str:
    """Return source, resource and window as messages and logs name them."""
    return f"{source}.{resource}" + (f" {window.start:%FT%TZ}/{window.end:%FT%TZ}" if window else "")


def meant_by(unknown: Iterable[str], known: Sequence[str], otherwise: str) -> str:
    """Suggest known names for unknown ones, or say something else if none is alike."""
    meant = [near for name in unknown for near in get_close_matches(name, known, 1)]
    return f"did you mean {', '.join(meant)}?" if meant else otherwise


def without_secrets(url: str) -> str:
    """Return a URL as it may appear in an error: no login, no query; fsspec's chained URLs too."""
    bare = _LOGIN.sub("//", url)
    shown = _QUERY.sub("", bare)
    # The part that is cut off contains an @: otherwise a password with an unescaped ? or # would lose only its end.
    if "//" in shown and "@" in bare[len(shown) :]:
        return f"{shown.partition('//')[0]}//…"
    return _NO_PORT.sub(r"\1…", shown)
