"""Computes SHA-256 of files on other threads while their bytes are moved, which takes less time than hashing."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import cycle
from typing import Final

THREADS: Final = 2
"""How many files are hashed at once."""

CHUNK_BYTES: Final = 1 << 20
"""How much of a file is hashed, and moved, at a time."""

MAX_WAITING_CHUNKS: Final = 8
"""How many chunks may wait to be hashed, of all files together: a bound on memory."""


class Hashing:
    """Hashes files that come one after the other. The next may begin before the digest of the last is known."""

    def __init__(self) -> None:
        self._threads = [ThreadPoolExecutor(1, "datasete-zip") for _ in range(THREADS)]
        self._next = cycle(self._threads)
        self._waiting: deque[Future[None]] = deque()

    def begin(self) -> Digest:
        """Begin a file."""
        return Digest(next(self._next), self._waiting)

    def close(self) -> None:
        """Drop what is not hashed yet, and end the threads."""
        for thread in self._threads:
            thread.shutdown(wait=True, cancel_futures=True)


@contextmanager
def hashing() -> Iterator[Hashing]:
    """Threads for hashing, which end with the block."""
    with closing(Hashing()) as threads:
        yield threads


class Digest:
    """The growing digest of one file. One thread gets all of its chunks, so they stay in order."""

    def __init__(self, thread: ThreadPoolExecutor, waiting: deque[Future[None]]) -> None:
        self._thread = thread
        self._waiting = waiting
        self._digest = hashlib.sha256()

    def update(self, chunk: bytes | memoryview) -> None:
        """Add a chunk; wait when too many chunks are waiting already."""
        # hashlib releases the interpreter for large chunks, so this runs beside the reading and writing
        self._waiting.append(self._thread.submit(self._digest.update, chunk))
        if len(self._waiting) > MAX_WAITING_CHUNKS:
            self._waiting.popleft().result()

    def end(self) -> Future[str]:
        """The file's digest in hexadecimal, once it is known."""
        return self._thread.submit(self._digest.hexdigest)
