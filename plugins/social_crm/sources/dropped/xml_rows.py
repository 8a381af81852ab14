"""Rows of an XML file as data dumps write it: one element `row` per record, its cells as attributes.

The parser reads in pieces, so memory stays bounded for any length. A file that declares a document type is refused
before it can define an entity: entities can fill the memory from a few bytes, and read files of this machine.
"""

from collections import deque
from collections.abc import Iterator
from typing import NoReturn
from xml.parsers import expat

from social_crm.errors import FileRefused
from social_crm.sources.dropped.content import CHUNK_BYTES, Content
from social_crm.sources.dropped.contract import FileContract, missing_columns, with_near
from social_crm.sources.model import Record, Rejected

PIECE_BYTES = CHUNK_BYTES >> 4
ROW = "row"


class XmlRows:
    """One XML file: `inspect` all of it before reading `rows`."""

    def __init__(self, content: Content, contract: FileContract) -> None:
        """Keep the file, unread; raises FileRefused if its inbox takes no XML."""
        self._content, self._contract = content, contract
        if not contract.takes_xml:
            raise FileRefused(f"{content.name}: is XML, often an error page, and this inbox takes CSV")

    def inspect(self) -> None:
        """Raise FileRefused unless the file is whole and some row holds the contract's columns."""
        missing: list[str] | None = None
        named = ""
        for attributes, _ in self._found():
            absent = missing_columns(list(attributes), self._contract)
            # Always read to the end: a truncated dump must not land in part.
            if missing is None or len(absent) < len(missing):
                missing, named = absent, with_near(absent, list(attributes), self._contract)
        if missing:
            raise FileRefused(f"{self._content.name}: attributes missing in every row: {named} (the right inbox?)")

    def rows(self) -> Iterator[Record | Rejected]:
        """Yield each row's attributes as sent, or its rejection with its line."""
        name = self._content.name
        for attributes, line in self._found():
            absent = missing_columns(list(attributes), self._contract)
            if absent:
                yield Rejected("missing_columns", self._contract.shown(*absent), str(attributes), f"{name} line {line}")
            else:
                yield attributes | {"_file": name, "_line": line}

    def _found(self) -> Iterator[tuple[Record, int]]:
        """Yield the attributes of every row and its line, as they are parsed."""
        found: deque[tuple[Record, int]] = deque()
        parser = expat.ParserCreate()

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == ROW:
                found.append((dict(attributes), parser.CurrentLineNumber))

        def refuse(*_: object) -> NoReturn:
            raise FileRefused(
                f"{self._content.name}: declares a document type, which may name entities: send it without"
            )

        parser.StartElementHandler, parser.StartDoctypeDeclHandler = start, refuse
        self._content.file.seek(0)
        is_last = False
        while not is_last:
            piece = self._content.file.read(PIECE_BYTES)
            is_last = not piece
            try:
                parser.Parse(piece, is_last)
            except expat.ExpatError as error:
                raise FileRefused(
                    f"{self._content.name}: is cut off or no well-formed XML (line {error.lineno}): send it again"
                ) from None
            while found:
                yield found.popleft()
