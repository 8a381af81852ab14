"""One apostrophe for all variants that people type: "don’t", "don´t" and "don`t" become "don't"."""

import re
from typing import Final

# An accent or opening quotation mark counts as an apostrophe only between letters.
_ODD: Final = re.compile("[’ʼ＇]|(?<=[^\\W\\d_])[`´‘′](?=[^\\W\\d_])")


def straighten(text: str) -> str:
    """Return the text with the plain apostrophe for every other."""
    return text if text.isascii() and "`" not in text else _ODD.sub("'", text)
