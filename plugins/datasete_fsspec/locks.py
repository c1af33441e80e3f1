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


class Locks:
    """One lock a key, on a bounded number of lock files in `folder`; the system frees them when a process dies."""

    def __init__(self, folder: str, patience: float = PATIENCE) -> None:
        self._folder = folder
        self._patience = patience
        self._threads = [threading.Lock() for _ in range(STRIPES)]

    @contextmanager
    def hold(self, key: str) -> Iterator[None]:
        """Hold the lock of `key`; spellings that some file systems take for one file share it.

        Raises:
            StoreUnavailable: somebody held it for longer than `patience` seconds.
        """
        stripe = zlib.crc32(unicodedata.normalize("NFC", key.casefold()).encode()) % STRIPES
        if not self._threads[stripe].acquire(timeout=self._patience):
            raise _busy(key)
        try:
            with self._between_processes(stripe, key):
                yield
        finally:
            self._threads[stripe].release()

    @contextmanager
    def _between_processes(self, stripe: int, key: str) -> Iterator[None]:
        os.makedirs(self._folder, exist_ok=True)
        path = os.path.join(self._folder, f"{stripe:02d}.lock")
        lock = FileLock(path, timeout=self._patience, thread_local=False, **_REAL_LOCKS_ONLY)
        try:
            lock.acquire(poll_interval=POLL)
        except Timeout:
            raise _busy(key) from None
        try:
            yield
        finally:
            lock.release()


def _busy(key: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"“{key}” is being written by another program and was not let go in time.",
        hint="Nothing was changed. Try again.",
    )
