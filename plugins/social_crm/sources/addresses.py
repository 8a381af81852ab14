"""How the address of a source appears in messages."""

import re

_LOGIN = re.compile(r"//[^?#]*@")
_QUERY = re.compile(r"[?#].*", re.S)


def without_secrets(url: str) -> str:
    """Return a URL as it may appear in an error: no login, no query; fsspec's chained URLs too."""
    bare = _LOGIN.sub("//", url)
    shown = _QUERY.sub("", bare)
    # What is cut off holds an @: a password with an unescaped ? or # would lose only its tail.
    return f"{shown.partition('//')[0]}//…" if "//" in shown and "@" in bare[len(shown) :] else shown
