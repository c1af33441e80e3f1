"""Checks files against their checksums while they are used; a wrong one is reported later, and the use undone.

Hashing takes ten times as long as reading. So the next file is read and stored while the last one is being hashed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import BinaryIO, NamedTuple, cast

from datasete_zip.archive import broken
from datasete_zip.hashing import CHUNK_BYTES, Digest, Hashing, hashing
from datasete_zip.readable import Readable


class Checks:
    """Watches files being read. Nothing that was read may be kept before `settle` has returned."""

    def __init__(self, hashing: Hashing) -> None:
        self._hashing = hashing
        self._open: deque[_Check] = deque()

    def watch(self, file: BinaryIO, name: str, checksum: str) -> BinaryIO:
        """`file`, to be read from beginning to end; it has to have this SHA-256, in hexadecimal.

        Raises:
            UnreadableArchive: an earlier file does not have its checksum.
        """
        while self._open and self._open[0].found.done():
            self._open.popleft().conclude()
        return cast(BinaryIO, _Watched(file, self._hashing.begin(), partial(self._keep, name, checksum)))

    def settle(self) -> None:
        """Wait for all checksums that are still being computed.

        Raises:
            UnreadableArchive: a file that was read to its end does not have its checksum.
        """
        while self._open:
            self._open.popleft().conclude()

    def _keep(self, name: str, wanted: str, found: Future[str]) -> None:
        self._open.append(_Check(name, wanted, found))


@contextmanager
def checking() -> Iterator[Checks]:
    """Checks that stop hashing at the end, whether they were settled or not."""
    with hashing() as threads:
        yield Checks(threads)


class _Check(NamedTuple):
    name: str
    wanted: str
    found: Future[str]

    def conclude(self) -> None:
        if self.found.result() != self.wanted:
            raise broken(f"“{self.name}” in it does not have its checksum")


class _Watched(Readable):
    def __init__(self, file: BinaryIO, digest: Digest, keep: Callable[[Future[str]], object]) -> None:
        self._file = file
        self._digest = digest
        self._keep: Callable[[Future[str]], object] | None = keep

    def read(self, size: int | None = -1) -> bytes:
        wanted = -1 if size is None else size
        data = self._file.read(wanted)
        view = memoryview(data)
        for start in range(0, len(data), CHUNK_BYTES):
            self._digest.update(view[start : start + CHUNK_BYTES])
        # only a read that found the end has seen every byte
        if self._keep and (wanted < 0 or len(data) < wanted):
            self._keep(self._digest.end())
            self._keep = None
        return data

    def close(self) -> None:
        self._file.close()
        super().close()
