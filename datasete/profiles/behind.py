"""Large files on their way to this machine's disk, which takes what was written while the next is being made."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Final

from datasete.plugin.profiles import ProfileSink

PIECE: Final = 16_000_000
"""Bytes after which the disk is asked to go on."""

_sync: Final = getattr(os, "fdatasync", os.fsync)


@contextmanager
def written_behind(sink: ProfileSink) -> Iterator[ProfileSink]:
    """Yield a sink to be written in place of `sink`, which begins to sync it when it is a file of the disk.

    The file's owner syncs it in the end as ever, and waits for the last piece alone. What the disk refuses meanwhile is
    raised here, by a later write or in the end: a file tells of a fault once.
    """
    descriptor = _descriptor(sink)
    if descriptor is None:
        yield sink
        return
    with ThreadPoolExecutor(1, "datasete-behind") as thread:
        behind = _Behind(sink, descriptor, thread)
        yield behind
        behind.settle()


class _Behind:
    def __init__(self, sink: ProfileSink, descriptor: int, thread: ThreadPoolExecutor) -> None:
        self._sink = sink
        self._descriptor = descriptor
        self._thread = thread
        self._waiting = 0
        self._syncing: Future[None] | None = None

    def write(self, data: bytes) -> int:
        written = self._sink.write(data)
        self._waiting += len(data)
        if self._waiting >= PIECE and (self._syncing is None or self._syncing.done()):
            self.settle()
            self._waiting = 0
            self._syncing = self._thread.submit(_sync, self._descriptor)
        return written

    def flush(self) -> None:
        self._sink.flush()

    def settle(self) -> None:
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
