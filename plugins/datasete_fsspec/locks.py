"""Locks between the threads and processes of one machine, for what the disk itself cannot do in one step."""

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

from datasete.plugin import StoreUnavailable

STRIPES: Final = 64
"""How many lock files a space has at most. They stay: a lock file that is removed can be held twice."""

PATIENCE: Final = 10.0
POLL: Final = 0.002

# A lock that is a file's mere existence would outlive a crash and block everybody, so newer versions are told not to
# fall back to it where the file system has no real locks; older ones never did.
_REAL_LOCKS_ONLY: Final[dict[str, Any]] = (
    {"fallback_to_soft": False} if "fallback_to_soft" in inspect.signature(FileLock.__init__).parameters else {}
)


class ThreadLocks:
    """One lock a key between the threads of this process, on a bounded number of stripes."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.patience = patience
        self._threads = [threading.Lock() for _ in range(STRIPES)]

    @contextmanager
    def hold(self, key: str) -> Iterator[str]:
        """Hold the lock of `key`, which spellings share that some file systems take for one; yield its file's name.

        Raises:
            StoreUnavailable: somebody held it for longer than `patience` seconds.
        """
        stripe = zlib.crc32(unicodedata.normalize("NFC", key.casefold()).encode()) % STRIPES
        if not self._threads[stripe].acquire(timeout=self.patience):
            raise busy(key)
        try:
            yield f"{stripe:02d}.lock"
        finally:
            self._threads[stripe].release()


class Locks:
    """The same between the processes of this machine, with files in `folder`; the system frees them with a process."""

    def __init__(self, folder: str, patience: float = PATIENCE) -> None:
        self._folder = folder
        self._threads = ThreadLocks(patience)

    @contextmanager
    def hold(self, key: str) -> Iterator[None]:
        """As `ThreadLocks.hold`."""
        with self._threads.hold(key) as name:
            os.makedirs(self._folder, exist_ok=True)
            path = os.path.join(self._folder, name)
            lock = FileLock(path, timeout=self._threads.patience, thread_local=False, **_REAL_LOCKS_ONLY)
            try:
                lock.acquire(poll_interval=POLL)
            except Timeout:
                raise busy(key) from None
            try:
                yield
            finally:
                lock.release()


def busy(key: str) -> StoreUnavailable:
    """The error for a lock that was not let go in time."""
    return StoreUnavailable(
        f"“{key}” is being written by another program and was not let go in time.",
        hint="Nothing was changed. Try again.",
    )
