"""Locks between the threads and processes of one machine, for steps that the disk cannot do atomically."""

from __future__ import annotations

import inspect
import os
import threading
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from filelock import FileLock, Timeout

from datasete.plugin import StoreError, StoreUnavailable
from datasete_fsspec.errnos import NO_LOCKS

STRIPES: Final = 64
"""The most locks and lock files that a space has, however many keys: keys share a lock by their hash.

The files stay. A lock file that is removed can be held twice: once by whom has it open, once by whom creates it again.
"""

LOCK_TIMEOUT_SECONDS: Final = 10.0
POLL_SECONDS: Final = 0.002

# A lock that consists of a file's existence outlives a crash and blocks every writer. Newer versions of filelock fall
# back to it where the file system has no real locks, unless forbidden; older ones never did.
_REAL_LOCKS_ONLY: Final[dict[str, Any]] = (
    {"fallback_to_soft": False} if "fallback_to_soft" in inspect.signature(FileLock.__init__).parameters else {}
)


class ThreadLocks:
    """One lock for each key between the threads of this process, on a fixed number of stripes."""

    def __init__(self, timeout_seconds: float = LOCK_TIMEOUT_SECONDS) -> None:
        self.timeout_seconds = timeout_seconds
        self._threads = [threading.Lock() for _ in range(STRIPES)]

    @contextmanager
    def hold(self, key: str) -> Iterator[str]:
        """Hold the lock of `key`; yield the name of its file.

        Raises:
            StoreUnavailable: another thread has held it for longer than `timeout_seconds`.
        """
        # some file systems take upper and lower case, or composed and decomposed letters, for one name
        stripe = zlib.crc32(unicodedata.normalize("NFC", key.casefold()).encode()) % STRIPES
        if not self._threads[stripe].acquire(timeout=self.timeout_seconds):
            raise busy(key)
        try:
            yield f"{stripe:02d}.lock"
        finally:
            self._threads[stripe].release()


class Locks:
    """The same between all processes of this machine, by files in `folder`. The system frees a dead one's."""

    def __init__(self, folder: str, timeout_seconds: float = LOCK_TIMEOUT_SECONDS) -> None:
        self._folder = folder
        self._threads = ThreadLocks(timeout_seconds)

    @contextmanager
    def hold(self, key: str) -> Iterator[None]:
        """As `ThreadLocks.hold`."""
        # threads first: they wait without polling, and one of them at most polls for the file
        with self._threads.hold(key) as name:
            os.makedirs(self._folder, exist_ok=True)
            path = os.path.join(self._folder, name)
            lock = FileLock(path, timeout=self._threads.timeout_seconds, thread_local=False, **_REAL_LOCKS_ONLY)
            try:
                lock.acquire(poll_interval=POLL_SECONDS)
            except Timeout:
                raise busy(key) from None
            except (NotImplementedError, OSError) as error:  # the first from older versions of filelock
                if isinstance(error, OSError) and error.errno not in NO_LOCKS:
                    raise
                raise _no_locks(self._folder) from error
            try:
                yield
            finally:
                lock.release()


def _no_locks(folder: str) -> StoreError:
    return StoreError(
        f"The file system at {os.path.dirname(folder)} has no locks, so two writers would overwrite each other's work.",
        hint="Nothing was changed. Mount it with locks (NFS: without nolock, with its lock service running), or use "
        "a local disk, S3 or SMB.",
    )


def busy(key: str) -> StoreUnavailable:
    """The error for a lock that was not released in time."""
    return StoreUnavailable(
        f"“{key}” is being written by another program, which did not finish in time.",
        hint="Nothing was changed. Try again.",
    )
