"""Reads JSON lines with a `text` from standard input and writes them back with their sentiment and language.

Each line gets `language` and `sentiment`: compound, positive, neutral, negative, label, unscored_reason.
A line that cannot be read is reported on standard error and passed over; the exit code is then 1.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, NamedTuple

from social_crm.enrichment.assessment import assess, label_sentiment
from social_crm.enrichment.parallel import spread

_CHUNK_BYTES: Final = 1 << 16


class _Lines(NamedTuple):
    """Whole lines of the input, and the number of the first."""

    first_number: int
    lines: list[bytes]


class _Answers(NamedTuple):
    """What one batch of lines came to."""

    output: bytes
    complaints: list[str]


def main() -> int:
    """Answer standard input on standard output, in order; return the exit code."""
    argparse.ArgumentParser(
        prog="python -m social_crm.enrichment.sentiment",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="""example: echo '{"text": "Great service!"}' | python -m social_crm.enrichment.sentiment""",
    ).parse_args()
    exit_code = 0
    try:
        for answers in spread(_answer_lines, _read_lines(sys.stdin.buffer)):
            sys.stdout.buffer.write(answers.output)
            sys.stdout.buffer.flush()
            for complaint in answers.complaints:
                sys.stderr.write(f"{complaint}\n")
                exit_code = 1
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough; the interpreter must not flush to it again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return exit_code


def _read_lines(stream: BinaryIO) -> Iterator[_Lines]:
    """Yield whole lines as soon as they arrive, about 64 KiB at a time at most."""
    number, pieces = 1, list[bytes]()
    # read1 returns what a pipe holds now, where read would wait for the whole chunk.
    while chunk := stream.read1(_CHUNK_BYTES):  # type: ignore[attr-defined]
        head, newline, rest = chunk.rpartition(b"\n")
        if not newline:
            pieces.append(chunk)
            continue
        lines = b"".join((*pieces, head)).split(b"\n")
        pieces = [rest]
        yield _Lines(number, lines)
        number += len(lines)
    yield _Lines(number, [b"".join(pieces)])


def _answer_lines(batch: _Lines) -> _Answers:
    output, complaints = [], []
    for number, line in enumerate(batch.lines, batch.first_number):
        if not line.strip():
            continue
        try:
            output.append(_answer(line))
        except (ValueError, RecursionError) as error:
            # The text itself stays out of the message: it is a customer's.
            reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error).partition(":")[0]
            complaints.append(f"line {number}: {reason}")
    return _Answers(b"".join(output), complaints)


def _answer(line: bytes) -> bytes:
    """Return the line with its sentiment and language, or raise ValueError."""
    record = json.loads(line.decode("utf-8-sig"), parse_constant=_refuse_constant)
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise ValueError('not an object with a string "text"')
    record |= _describe(record["text"])
    try:
        return json.dumps(record, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    except UnicodeEncodeError:
        # Half a surrogate pair can be written as an escape only.
        return json.dumps(record, allow_nan=False).encode() + b"\n"


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _describe(text: str) -> dict[str, Any]:
    assessment = assess(text)
    return {
        "sentiment": {
            "compound": assessment.compound,
            "positive": assessment.positive,
            "neutral": assessment.neutral,
            "negative": assessment.negative,
            "label": None if assessment.compound is None else label_sentiment(assessment.compound),
            "unscored_reason": assessment.unscored_reason,
        },
        "language": assessment.language,
    }


if __name__ == "__main__":
    sys.exit(main())
