"""Streams of files into and out of archives: read one ahead, and synced while the next is written."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import pairwise
from typing import Final

from datasete.plugin.profiles import ProfileSink

MAX_PREFETCH_BYTES: Final = 16_000_000
"""Bytes of a file that is read before anybody asked for it."""


class Prefetcher:
    """Reads files that will be asked for in a known order; other orders only cost time.

    Args:
        read: gives a file's bytes.
        names: in the order in which they will be taken.
        sizes: their bytes, as far as they are known; what is large or unknown is read when it is asked for.
    """

    def __init__(self, read: Callable[[str], bytes], names: list[str], sizes: Mapping[str, int]) -> None:
        self._read = read
        self._next = dict(pairwise(names))
        self._sizes = sizes
        self._threads = ThreadPoolExecutor(1, "datasete-prefetch")
        self._coming: tuple[str, Future[bytes]] | None = None

    def take(self, name: str) -> bytes:
        """A file's bytes; what reading it raises is raised here."""
        coming, self._coming = self._coming, None
        data = coming[1].result() if coming and coming[0] == name else self._read(name)
        following = self._next.get(name)
        if following and self._sizes.get(following, MAX_PREFETCH_BYTES + 1) <= MAX_PREFETCH_BYTES:
            self._coming = following, self._threads.submit(self._read, following)
        return data

    def close(self) -> None:
        """Stop."""
        self._threads.shutdown(wait=True, cancel_futures=True)


SYNC_EVERY_BYTES: Final = 16_000_000
"""Bytes after which the disk is asked to go on."""

_sync: Final = getattr(os, "fdatasync", os.fsync)


@contextmanager
def background_write(sink: ProfileSink) -> Iterator[ProfileSink]:
    """Yield a sink to be written in place of `sink`, which begins to sync it when it is a file of the disk.

    The file's owner syncs it in the end as ever, and waits for the last piece alone. What the disk refuses meanwhile is
    raised here, by a later write or in the end: a file tells of a fault once.
    """
    descriptor = _descriptor(sink)
    if descriptor is None:
        yield sink
        return
    with ThreadPoolExecutor(1, "datasete-sync") as thread:
        background = _BackgroundSink(sink, descriptor, thread)
        yield background
        background.finish()


class _BackgroundSink:
    def __init__(self, sink: ProfileSink, descriptor: int, thread: ThreadPoolExecutor) -> None:
        self._sink = sink
        self._descriptor = descriptor
        self._thread = thread
        self._waiting = 0
        self._syncing: Future[None] | None = None

    def write(self, data: bytes) -> int:
        written = self._sink.write(data)
        self._waiting += len(data)
        if self._waiting >= SYNC_EVERY_BYTES and (self._syncing is None or self._syncing.done()):
            self.finish()
            self._waiting = 0
            self._syncing = self._thread.submit(_sync, self._descriptor)
        return written

    def flush(self) -> None:
        self._sink.flush()

    def finish(self) -> None:
        syncing, self._syncing = self._syncing, None
        if syncing:
            syncing.result()


def _descriptor(sink: ProfileSink) -> int | None:
    """The descriptor of a sink that is a regular file."""
    with suppress(OSError, ValueError, AttributeError):
        descriptor: int = sink.fileno()  # type: ignore[attr-defined]
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return descriptor
    return None
