"""SHA-256 of files, computed by other threads while their bytes are moved: it takes longer than that."""

from __future__ import annotations

import hashlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import cycle
from typing import Final

SIDE_BY_SIDE: Final = 2
"""Files that are summed at once."""

CHUNK: Final = 1 << 20
"""Bytes of a file that are summed, and moved, at a time."""

WAITING: Final = 8
"""Chunks that may wait to be summed, of all files together."""


class Sums:
    """Sums files that come one after the other. The next may be begun before the sum of one is known."""

    def __init__(self) -> None:
        self._threads = [ThreadPoolExecutor(1, "datasete-zip") for _ in range(SIDE_BY_SIDE)]
        self._next = cycle(self._threads)
        self._waiting: deque[Future[None]] = deque()

    def begin(self) -> Sum:
        """Begin a file."""
        return Sum(next(self._next), self._waiting)

    def close(self) -> None:
        """Give up what is not summed yet."""
        for thread in self._threads:
            thread.shutdown(wait=True, cancel_futures=True)


class Sum:
    """The sum of one file in the making; one thread sees all of its chunks, in their order."""

    def __init__(self, thread: ThreadPoolExecutor, waiting: deque[Future[None]]) -> None:
        self._thread = thread
        self._waiting = waiting
        self._digest = hashlib.sha256()

    def update(self, chunk: bytes | memoryview) -> None:
        """More of the file; waits when too much of it is waiting already."""
        self._waiting.append(self._thread.submit(self._digest.update, chunk))
        if len(self._waiting) > WAITING:
            self._waiting.popleft().result()

    def end(self) -> Future[str]:
        """The file's sum in hexadecimal, once it is known."""
        return self._thread.submit(self._digest.hexdigest)
