"""The CSV files that the company's systems drop."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]
File = tuple[str, str, str]  # delivered at, name, content


def csv_of(header: Sequence[str], rows: Iterable[Row], extra_lines: Iterable[str] = ()) -> str:
    """Return rows below their header in file format, followed by broken lines."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue() + "".join(line + "\n" for line in extra_lines)


def after(day: date) -> str:
    """Return the moment at which most files of a day arrive: the midnight that ends it."""
    return f"{day + timedelta(days=1)}T00:00:00Z"
