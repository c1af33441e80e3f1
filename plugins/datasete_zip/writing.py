"""Files into a zip from front to back: stored, since pictures are compressed already, and never held whole."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import closing
from typing import BinaryIO, Final

from datasete.plugin import ProfileSink
from datasete_zip.stream import Moment, Stream
from datasete_zip.sums import CHUNK, Sums

_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
_LATEST: Final = 2107


class Writer:
    """A zip file in the making.

    Args:
        sink: where it goes.
        summed: whether checksums will be asked for.

    Attributes:
        bytes: how many bytes of files were written.
    """

    def __init__(self, sink: ProfileSink, *, summed: bool = False) -> None:
        self.bytes = 0
        self._sums = Sums() if summed else None
        self._known: dict[str, Future[str]] = {}
        self._stream = Stream(sink)

    def __enter__(self) -> Writer:  # noqa: PYI034 - `Self` is newer than our oldest Python
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._sums:
            self._sums.close()
        if kind is None:  # a file that is given up has no directory, and is no zip
            self._stream.close()

    @property
    def checksums(self) -> dict[str, str]:
        """SHA-256 in hexadecimal by name, of what was written if it is `summed`; waits until all are known."""
        return {name: known.result() for name, known in self._known.items()}

    def copy(self, name: str, source: BinaryIO, added: object = 0) -> None:
        """Write one file from a stream, which is closed."""
        with closing(source):
            self.bytes += self._put(name, _date(added), iter(lambda: source.read(CHUNK), b""))

    def write(self, name: str, data: bytes) -> None:
        """Write one small file."""
        self._put(name, _date(time.time()), [data])

    def _put(self, name: str, moment: Moment, chunks: Iterable[bytes]) -> int:
        summing = self._sums.begin() if self._sums else None
        self._stream.begin(name, moment)
        size = 0
        for chunk in chunks:
            if summing:
                summing.update(chunk)
            self._stream.write(chunk)
            size += len(chunk)
        self._stream.end()
        if summing:
            self._known[name] = summing.end()
        return size


def _date(moment: object) -> Moment:
    """UTC, so that the same profile makes the same bytes everywhere."""
    if isinstance(moment, bool) or not isinstance(moment, int | float):
        return _EARLIEST
    try:
        date = time.gmtime(moment)
    except (OverflowError, ValueError, OSError):
        return _EARLIEST
    return date[:6] if _EARLIEST[0] <= date.tm_year <= _LATEST else _EARLIEST
