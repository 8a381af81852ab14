"""Dumps in a folder."""

from datetime import date
from xml.sax.saxutils import quoteattr

from acceptance import Entry
from social_crm.sources.stackexchange import STACKEXCHANGE
from worlds.dropped_files import DroppedFiles


def dump(*rows: dict[str, str]) -> str:
    """Return a dump of these rows."""
    cells = (" ".join(f"{name}={quoteattr(value)}" for name, value in row.items()) for row in rows)
    return '<?xml version="1.0" encoding="utf-8"?>\n<posts>\n' + "".join(f"  <row {one} />\n" for one in cells) + "</posts>\n"  # fmt: skip  # noqa: E501


class Harness(DroppedFiles):
    """Questions of one site."""

    source, resource = STACKEXCHANGE, STACKEXCHANGE.resource("posts")
    headers = ("Id", "PostTypeId", "CreationDate", "Body")

    def cells(self, entry: Entry, text: str) -> dict[str, str]:
        return {"Id": str(entry.number), "PostTypeId": "1", "CreationDate": f"{entry.at:%FT%T}.000", "Body": text}

    def write(self, day: date, rows: list[list[str]]) -> None:
        content = dump(*(dict(zip(self.headers, row, strict=True)) for row in rows))
        path = self.folder / f"posts_money.example.com_{day}.xml"
        path.write_text(content, encoding="utf-8", errors="surrogateescape")

    def key(self, entry: Entry) -> str:
        return f"money.example.com/{entry.number}"
