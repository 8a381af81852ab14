"""The bytes of one dropped file: copied, unpacked, hashed, and refused if they are no table."""

import codecs
import gzip
import hashlib
import io
import re
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from social_crm.errors import FileRefused

CHUNK_BYTES = 1 << 20
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_NOT_A_TABLE = (
    (
        re.compile(rb"version https://git-lfs"),
        "is a Git LFS pointer, not the data: fetch the real file (`git lfs pull`)",
    ),
    (
        re.compile(rb"\s*(<!doctype html|<html)", re.I),
        "is a web page, often a login or error page: download it again",
    ),
    (re.compile(rb"PK\x03\x04"), "is an Excel workbook or a zip archive: export it as CSV"),
    (re.compile(rb"%PDF"), "is a PDF: export it as CSV"),
)
_UNDECODED = re.compile("[\udc80-\udcff]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f\udc80-\udcff]")


@dataclass(frozen=True)
class Content:
    """One file's unpacked bytes in a temporary file, with the hash and encoding of all of them."""

    name: str
    sha256: str
    encoding: str
    size: int
    file: IO[bytes]

    @contextmanager
    def text(self) -> Iterator[io.TextIOWrapper]:
        """Open the text from its start; only LF ends a line, so that a stray carriage return can be detected."""
        self.file.seek(0)
        # surrogateescape keeps a byte that is no text: landing escapes and flags it, so the row is not lost.
        errors = "strict" if self.encoding == "utf-16" else "surrogateescape"
        wrapper = io.TextIOWrapper(self.file, encoding=self.encoding, errors=errors, newline="\n")
        try:
            yield wrapper
        except UnicodeDecodeError as error:
            raise FileRefused(
                f"{self.name}: starts as {self.encoding} but does not stay so: send it as UTF-8"
            ) from error
        finally:
            # Already closed if a load died between two pages.
            if not self.file.closed:
                wrapper.detach()

    def close(self) -> None:
        """Delete the copy."""
        self.file.close()


def copied(stream: IO[bytes], name: str, max_bytes: int) -> Content:
    """Copy a dropped file aside, unpacked; raises FileRefused if what it holds cannot be a table.

    A private copy makes sure that the content that was inspected is the content that lands.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the Content that owns it
    try:
        digest, guess, size = hashlib.sha256(), _EncodingGuess(), 0
        for chunk in _unpacked(stream, name):
            if size == 0:
                _refuse_non_tables(chunk, name)
            size += len(chunk)
            if size > max_bytes:
                raise FileRefused(f"{name}: holds more than {max_bytes:,} bytes unpacked: split it")
            digest.update(chunk)
            guess.feed(chunk)
            file.write(chunk)
        if size == 0:
            raise FileRefused(f"{name}: is empty (0 bytes): send it again once the export has finished")
    except BaseException:
        file.close()
        raise
    return Content(name, digest.hexdigest(), guess.encoding(), size, file)


def _unpacked(stream: IO[bytes], name: str) -> Iterator[bytes]:
    is_packed = stream.read(2) == b"\x1f\x8b"
    stream.seek(0)
    if name.endswith(".gz") and not is_packed and stream.read(1):
        raise FileRefused(f"{name}: is named .gz but is not gzip: send it again, or without .gz")
    stream.seek(0)
    source = gzip.GzipFile(fileobj=stream) if is_packed else stream
    try:
        while chunk := source.read(CHUNK_BYTES):
            yield chunk
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise FileRefused(f"{name}: the gzip archive is damaged or cut off: send it again") from error


def _refuse_non_tables(first: bytes, name: str) -> None:
    for pattern, verdict in _NOT_A_TABLE:
        if pattern.match(first):
            raise FileRefused(f"{name}: {verdict}")


class _EncodingGuess:
    """Distinguishes UTF-8, possibly with a few broken bytes, from Windows' one-byte text by reading the whole file."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._by_bom: str | None = None
        self._is_start = True
        self._has_broken = self._has_valid = False

    def feed(self, chunk: bytes) -> None:
        if self._is_start:
            self._by_bom = next((name for bom, name in _BOMS.items() if chunk.startswith(bom)), None)
            self._is_start = False
        text = self._decoder.decode(chunk)
        if not text.isascii():
            self._has_broken = self._has_broken or bool(_UNDECODED.search(text))
            self._has_valid = self._has_valid or bool(_BEYOND_ASCII.search(text))

    def encoding(self) -> str:
        if self._by_bom:
            return self._by_bom
        # A file with both is damaged UTF-8: reading it as cp1252 would corrupt every valid letter.
        return "cp1252" if self._has_broken and not self._has_valid else "utf-8"
