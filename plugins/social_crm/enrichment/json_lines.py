"""Command lines that read JSON lines with a `text` and write them back with their results, on all cores.

A line that cannot be read is reported on standard error and skipped; the exit code is then 1.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, BinaryIO, Final, NamedTuple

from social_crm.enrichment.parallel import spread

Record = dict[str, Any]
Describe = Callable[[list[Record]], list[Record]]

_CHUNK_BYTES: Final = 1 << 16


class _Lines(NamedTuple):
    """Whole lines of the input, and the number of the first."""

    first_number: int
    lines: list[bytes]


class _Answers(NamedTuple):
    """The result of one batch of lines."""

    output: bytes
    complaints: list[str]


def answer_standard_input(describe: Describe) -> int:
    """Write each record of standard input with the result of `describe`, in order; return the exit code.

    `describe` gets records with a string `text` and returns one result each; other processes must be able to import it.
    """
    exit_code = 0
    try:
        for answers in spread(partial(_answer_lines, describe), _read_lines(sys.stdin.buffer)):
            sys.stdout.buffer.write(answers.output)
            sys.stdout.buffer.flush()
            for complaint in answers.complaints:
                sys.stderr.write(f"{complaint}\n")
                exit_code = 1
    except BrokenPipeError:
        stop_writing()
    return exit_code


def stop_writing() -> None:
    """Accept that a reader such as `head` closes the pipe: the interpreter must not flush to it again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def read_record(line: bytes) -> Record:
    """Return the object in a line; raises ValueError if it is not one or has no string `text`."""
    record = json.loads(line.decode("utf-8-sig"), parse_constant=_refuse_constant)
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise ValueError('not an object with a string "text"')
    return record


def name_fault(error: Exception) -> str:
    """Return what is wrong with a line without quoting it, because the text is a customer's."""
    return error.msg if isinstance(error, json.JSONDecodeError) else str(error).partition(":")[0]


def _read_lines(stream: BinaryIO) -> Iterator[_Lines]:
    """Yield whole lines as soon as they arrive, about 64 KiB at a time at most."""
    number, pieces = 1, list[bytes]()
    # read1 returns what a pipe holds now; read would wait for the whole chunk.
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


def _answer_lines(describe: Describe, batch: _Lines) -> _Answers:
    records, numbers, complaints = [], [], []
    for number, line in enumerate(batch.lines, batch.first_number):
        if not line.strip():
            continue
        try:
            records.append(read_record(line))
            numbers.append(number)
        except (ValueError, RecursionError) as error:
            complaints.append(f"line {number}: {name_fault(error)}")
    output = []
    for number, record, found in zip(numbers, records, describe(records), strict=True):
        try:
            output.append(_write(record | found))
        except (ValueError, RecursionError) as error:
            complaints.append(f"line {number}: {name_fault(error)}")
    return _Answers(b"".join(output), complaints)


def _write(record: Record) -> bytes:
    try:
        return json.dumps(record, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    except UnicodeEncodeError:
        # Half a surrogate pair can only be written as an escape.
        return json.dumps(record, allow_nan=False).encode() + b"\n"


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
