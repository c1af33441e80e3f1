"""Zip files written from front to back: stored, since pictures are compressed already, and never held whole."""

from __future__ import annotations

import hashlib
import time
import zipfile
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import BinaryIO, Final

from datasete.plugin import ProfileSink

CHUNK: Final = 1 << 20
_REGULAR: Final = 0o100644 << 16
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
_LATEST: Final = 2107


class Writer:
    """A zip file in the making.

    Attributes:
        checksums: SHA-256 in hexadecimal by name, of what was written.
        bytes: how many bytes of files were written.
    """

    def __init__(self, sink: ProfileSink) -> None:
        self.checksums: dict[str, str] = {}
        self.bytes = 0
        self._threads = ThreadPoolExecutor(1, "datasete-zip")
        self._sink = _Counting(sink)
        self._file = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_STORED, allowZip64=True)

    def __enter__(self) -> Writer:  # noqa: PYI034 - `Self` is newer than our oldest Python
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        # closing writes the directory, which is not wanted of a file that is given up
        self._sink.given_up = kind is not None
        self._file.close()
        self._threads.shutdown(wait=True)

    def copy(self, name: str, source: BinaryIO, added: object = 0) -> None:
        """Write one file from a stream, which is closed, and remember its checksum."""
        digest = hashlib.sha256()
        hashing: Future[None] | None = None
        with closing(source), self._file.open(_entry(name, added), "w", force_zip64=False) as target:
            while chunk := source.read(CHUNK):
                # beside the writing: both let other threads run meanwhile
                previous, hashing = hashing, self._threads.submit(digest.update, chunk)
                target.write(chunk)
                self.bytes += len(chunk)
                if previous:
                    previous.result()
        if hashing:
            hashing.result()
        self.checksums[name] = digest.hexdigest()

    def write(self, name: str, data: bytes) -> None:
        """Write one small file and remember its checksum."""
        self._file.writestr(_entry(name, time.time()), data)
        self.checksums[name] = hashlib.sha256(data).hexdigest()


class _Counting:
    """What `zipfile` needs of a sink that cannot be sought: where it is."""

    def __init__(self, sink: ProfileSink) -> None:
        self.given_up = False
        self._sink = sink
        self._position = 0

    def write(self, data: bytes) -> int:
        if not self.given_up:
            self._sink.write(data)
        self._position += len(data)
        return len(data)

    def tell(self) -> int:
        return self._position

    def seekable(self) -> bool:
        return False

    def flush(self) -> None:
        if not self.given_up:
            self._sink.flush()

    def close(self) -> None:
        """The sink is its owner's to close."""


def _entry(name: str, moment: object) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _date(moment))
    info.external_attr = _REGULAR
    return info


def _date(moment: object) -> tuple[int, int, int, int, int, int]:
    """UTC, so that the same profile makes the same bytes everywhere."""
    if isinstance(moment, bool) or not isinstance(moment, int | float):
        return _EARLIEST
    try:
        date = time.gmtime(moment)
    except (OverflowError, ValueError, OSError):
        return _EARLIEST
    return date[:6] if _EARLIEST[0] <= date.tm_year <= _LATEST else _EARLIEST
