"""Streams into and out of archives: the next file is prefetched, and written files are synced in the background."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from io import BytesIO
from itertools import pairwise
from typing import BinaryIO, Final

from datasete.plugin.profiles import ProfileSink

MAX_PREFETCH_BYTES: Final = 16_000_000
"""Largest file to prefetch, which bounds the memory that prefetching takes."""


class Prefetcher:
    """Reads each file while the one before it is being used. It expects one order; any other only costs time.

    Args:
        read: returns a file's bytes.
        names: the files in the order of their use.
        sizes: their sizes in bytes, as far as known. Large files and those of unknown size are not prefetched.
    """

    def __init__(self, read: Callable[[str], bytes], names: list[str], sizes: Mapping[str, int]) -> None:
        self._read = read
        self._next = dict(pairwise(names))
        self._sizes = sizes
        # One thread and one file suffice: what is read is packed in order, and memory stays bounded.
        self._threads = ThreadPoolExecutor(1, "datasete-prefetch")
        self._coming: tuple[str, Future[bytes]] | None = None

    def take(self, name: str) -> bytes:
        """A file's bytes. Errors of a prefetch are raised here."""
        coming, self._coming = self._coming, None
        data = coming[1].result() if coming and coming[0] == name else self._read(name)
        following = self._next.get(name)
        if following and self._sizes.get(following, MAX_PREFETCH_BYTES + 1) <= MAX_PREFETCH_BYTES:
            self._coming = following, self._threads.submit(self._read, following)
        return data

    def open(self, name: str) -> BinaryIO:
        """A file's bytes as `take` returns them, to be read as a file."""
        return BytesIO(self.take(name))

    def close(self) -> None:
        """Stop prefetching."""
        self._threads.shutdown(wait=True, cancel_futures=True)


SYNC_EVERY_BYTES: Final = 16_000_000
"""How many bytes are written between two background syncs."""

_sync: Final = getattr(os, "fdatasync", os.fsync)


@contextmanager
def background_write(sink: ProfileSink, sync_every: int = SYNC_EVERY_BYTES) -> Iterator[ProfileSink]:
    """Yield a sink to write to instead of `sink`. If that is a file on disk, it is synced while it is being written.

    The file's owner still syncs it at the end, and then waits only for the last piece. Errors of the disk are raised
    here, by a later write or at the end, because a file reports each fault only once: the owner's sync would miss it.
    """
    descriptor = _descriptor(sink)
    if descriptor is None:
        yield sink
        return
    with ThreadPoolExecutor(1, "datasete-sync") as thread:
        background = _BackgroundSink(sink, descriptor, thread, sync_every)
        yield background
        background.finish()


class _BackgroundSink:
    def __init__(self, sink: ProfileSink, descriptor: int, thread: ThreadPoolExecutor, sync_every: int) -> None:
        self._sink = sink
        self._descriptor = descriptor
        self._thread = thread
        self._sync_every = sync_every
        self._waiting = 0
        self._syncing: Future[None] | None = None

    def write(self, data: bytes) -> int:
        written = self._sink.write(data)
        self._waiting += len(data)
        # Never two syncs at once: the second would only wait for the first, and this write with it.
        if self._waiting >= self._sync_every and (self._syncing is None or self._syncing.done()):
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
