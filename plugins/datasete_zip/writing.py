"""Writes files into a zip, from front to back and in chunks; stored, since pictures are compressed already."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager, nullcontext
from typing import BinaryIO, Final

from datasete.plugin import ProfileSink
from datasete_zip.hashing import CHUNK_BYTES, Hashing, hashing
from datasete_zip.stream import Moment, Stream

_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
_LATEST: Final = 2107


class Writer:
    """Adds files to a zip that is being written; see `writing`.

    Attributes:
        bytes: how many bytes of files were written.
    """

    def __init__(self, stream: Stream, hashing: Hashing | None) -> None:
        self.bytes = 0
        self._stream = stream
        self._hashing = hashing
        self._known: dict[str, Future[str]] = {}

    @property
    def checksums(self) -> dict[str, str]:
        """SHA-256 in hexadecimal by name, where checksums were asked for; waits until all are known."""
        return {name: known.result() for name, known in self._known.items()}

    def copy(self, name: str, source: BinaryIO, added: object = 0) -> None:
        """Write one file from a stream, and close the stream."""
        with closing(source):
            self.bytes += self._put(name, _date(added), iter(lambda: source.read(CHUNK_BYTES), b""))

    def write(self, name: str, data: bytes) -> None:
        """Write one small file."""
        self._put(name, _date(time.time()), [data])

    def _put(self, name: str, moment: Moment, chunks: Iterable[bytes]) -> int:
        digest = self._hashing.begin() if self._hashing else None
        self._stream.begin(name, moment)
        size = 0
        for chunk in chunks:
            if digest:
                digest.update(chunk)
            self._stream.write(chunk)
            size += len(chunk)
        self._stream.end()
        if digest:  # its last chunks may still wait; the next file is written meanwhile
            self._known[name] = digest.end()
        return size


@contextmanager
def writing(sink: ProfileSink, *, checksums: bool = False) -> Iterator[Writer]:
    """A writer of a zip into `sink`; with `checksums`, it has the SHA-256 of every file.

    After an error the directory is missing, so that what was written cannot pass for a zip file.
    """
    stream = Stream(sink)
    with hashing() if checksums else nullcontext() as threads:
        yield Writer(stream, threads)
    stream.close()


def _date(moment: object) -> Moment:
    """The date in UTC, so that the same profile makes the same bytes in every time zone."""
    if isinstance(moment, bool) or not isinstance(moment, int | float):
        return _EARLIEST
    try:
        date = time.gmtime(moment)
    except (OverflowError, ValueError, OSError):
        return _EARLIEST
    # a zip has seven bits for the year, from 1980 on
    return date[:6] if _EARLIEST[0] <= date.tm_year <= _LATEST else _EARLIEST
