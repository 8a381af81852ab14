"""Says which records of one CSV file, or of two, are the same person.

Columns are recognised by their names: unique_id or id, first_name, surname or last_name, full_name or name, dob, email,
phone, handle, postcode, city, occupation. One file is compared with itself, two with each other. No labels are
used. Links go to standard output as JSON lines; progress, without any data of a record, to standard error.
"""

import argparse
import json
import sys
import time
from contextlib import suppress
from pathlib import Path

from social_crm.command import parser_of, run_command
from social_crm.enrichment.identity.records import UnreadableRecords
from social_crm.enrichment.identity.thresholds import DIRECT
from social_crm.enrichment.json_lines import stop_writing


def main() -> int:
    """Link the files named on the command line; return the exit code."""
    arguments = _parse()
    import duckdb

    from social_crm.enrichment.identity.links import link_files

    say = _Progress()
    paths = [path for path in (arguments.left, arguments.right) if path]
    try:
        for link in link_files(duckdb.connect(), paths, arguments.threshold, say).rows():
            sys.stdout.write(json.dumps(link, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    except UnreadableRecords as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except duckdb.Error as error:
        # The message may quote a record; the kind of error does not.
        sys.stderr.write(f"error: DuckDB: {type(error).__name__}\n")
        return 1
    except BrokenPipeError:
        stop_writing()
    return 0


class _Progress:
    """Writes progress with times to standard error."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self, message: str) -> None:
        sys.stderr.write(f"{time.monotonic() - self._start:7.1f} s  {message}\n")


def _parse() -> argparse.Namespace:
    parser = parser_of("enrichment.identity", __doc__)
    parser.add_argument("left", type=Path, metavar="LEFT.csv")
    parser.add_argument("right", type=Path, nargs="?", metavar="RIGHT.csv")
    parser.add_argument("--threshold", type=_probability, default=DIRECT, help="least probability of a link")
    return parser.parse_args()


def _probability(text: str) -> float:
    with suppress(ValueError):
        if 0 < (value := float(text)) <= 1:
            return value
    raise argparse.ArgumentTypeError(f"{text} is not a probability above 0 and at most 1")


if __name__ == "__main__":
    sys.exit(run_command(main))
