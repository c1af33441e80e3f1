"""Files that must have a checksum: they can be used while it is computed, and what they were used for can be undone.

Reading takes a tenth of the time of summing; so the next file is read, and stored, while one is being summed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import BinaryIO, NamedTuple, cast

from datasete_zip.archive import broken
from datasete_zip.readable import Readable
from datasete_zip.sums import CHUNK, Sum, Sums


class Checks:
    """Watches files being read. Whoever uses what they gave must see `settle` return before it counts."""

    def __init__(self) -> None:
        self._sums = Sums()
        self._open: deque[_Check] = deque()

    def __enter__(self) -> Checks:  # noqa: PYI034 - `Self` is newer than our oldest Python
        return self

    def __exit__(self, *_: object) -> None:
        self._sums.close()

    def watch(self, file: BinaryIO, name: str, checksum: str) -> BinaryIO:
        """`file`, to be read from beginning to end; it must turn out to have this SHA-256, in hexadecimal.

        Raises:
            UnreadableArchive: an earlier one has not its own.
        """
        while self._open and self._open[0].found.done():
            self._open.popleft().conclude()
        return cast(BinaryIO, _Watched(file, self._sums.begin(), partial(self._keep, name, checksum)))

    def settle(self) -> None:
        """Wait for what is not known yet.

        Raises:
            UnreadableArchive: one that was read to its end does not have its checksum.
        """
        while self._open:
            self._open.popleft().conclude()

    def _keep(self, name: str, wanted: str, found: Future[str]) -> None:
        self._open.append(_Check(name, wanted, found))


class _Check(NamedTuple):
    name: str
    wanted: str
    found: Future[str]

    def conclude(self) -> None:
        if self.found.result() != self.wanted:
            raise broken(f"“{self.name}” in it does not have its checksum")


class _Watched(Readable):
    def __init__(self, file: BinaryIO, summing: Sum, keep: Callable[[Future[str]], object]) -> None:
        self._file = file
        self._sum = summing
        self._keep: Callable[[Future[str]], object] | None = keep

    def read(self, size: int | None = -1) -> bytes:
        wanted = -1 if size is None else size
        data = self._file.read(wanted)
        view = memoryview(data)
        for start in range(0, len(data), CHUNK):
            self._sum.update(view[start : start + CHUNK])
        if self._keep and (wanted < 0 or len(data) < wanted):
            self._keep(self._sum.end())
            self._keep = None
        return data

    def close(self) -> None:
        self._file.close()
        super().close()
