"""What every step of the protocol gets: conditional storage, background tasks, the clock.

A store that can check conditions checks them itself; for other stores this module checks them just before each call.
Such stores support a single writer: one process, which publishes to a slot once at a time. A hand edit saved between
the check and the call can be lost, and a second process can cost a history entry. Images and masks still never mix,
because readers go by tokens.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import Final

from datasete.bus.layout import new_token
from datasete.bus.models import Origin
from datasete.errors import Conflict
from datasete.ids import same_name
from datasete.plugin import ABSENT, ANY, Blob, Capabilities, When
from datasete.storage import Storage
from datasete.tasks.workers import Workers

logger = logging.getLogger(__name__)

MAX_QUEUED_TASKS: Final = 64


class BackgroundTasks:
    """Two small thread pools, started on first use: one for steps that a caller waits for, one for steps that may wait.

    They are separate so that slow deferred work, such as pruning, never delays the side files of a publish. `close`
    runs what is queued, and the program must call it before it ends.
    """

    def __init__(self, *, parallel: int = 8, background: int = 2) -> None:
        self._parallel = Workers(parallel, "datasete-parallel")
        self._background = Workers(background, "datasete-background")
        self._free_places = threading.BoundedSemaphore(MAX_QUEUED_TASKS)
        self._pending: set[Future[None]] = set()

    def submit(self, job: Callable[[], object]) -> Future[object]:
        """Run `job` in parallel with the caller, who collects the result."""
        return self._parallel.submit(job)

    def defer(self, what: str, job: Callable[[], object]) -> None:
        """Run `job` soon in the background; a failure is logged as “`what` was put off” and changes no promise.

        When the queue is full, wait for a free place.
        """
        self._free_places.acquire()
        try:
            future = self._background.submit(self.run, what, job)
        except RuntimeError:  # the interpreter, or this object, is closing: there will not be a later
            self.run(what, job)
            self._free_places.release()
            return
        self._pending.add(future)
        future.add_done_callback(self._finished)

    @staticmethod
    def run(what: str, job: Callable[[], object]) -> None:
        """Run `job` now; a failure is logged, as in `defer`."""
        try:
            job()
        except Exception:
            logger.warning("%s was put off; the next reader or publisher does it.", what, exc_info=True)

    def flush(self) -> None:
        """Wait until every job given to `defer` so far has run."""
        wait(tuple(self._pending))

    def close(self) -> None:
        """Run what is queued, then stop the threads."""
        self._background.shutdown(wait=True)
        self._parallel.shutdown(wait=True)

    def _finished(self, future: Future[None]) -> None:
        self._pending.discard(future)
        self._free_places.release()


class ConditionalStorage:
    """A storage whose `write`, `copy` and `delete` honour conditions, as far as the store allows."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._locks: dict[str, threading.RLock] = {}

    @property
    def capabilities(self) -> Capabilities:
        """What the store guarantees."""
        return self._storage.capabilities

    def read(self, *keys: str) -> dict[str, Blob]:
        """Read several keys in one call; missing ones are absent from the result."""
        return self._storage.read(*keys)

    def write(self, key: str, data: bytes, when: When = ANY) -> str:
        """Replace one key; return its new version.

        Raises:
            Conflict: `when` did not hold; nothing was written.
        """
        if when is ANY or self.capabilities.conditional_write:
            return self._storage.write(key, data, when)
        self._check(key, when)
        return self._storage.write(key, data)

    def copy(self, source: str, target: str, version: str) -> str:
        """Copy one key to another while `source` is at `version`.

        Raises:
            Conflict: it has another version by now; nothing was copied.
            NotFound: it is gone.
        """
        if not self.capabilities.conditional_write:
            self._check(source, version)
        return self._storage.copy(source, target, version)

    def delete(self, *keys: str, versions: Mapping[str, str] | None = None) -> int:
        """Delete keys, those in `versions` only at that version; return how many were deleted."""
        if not keys:
            return 0
        if not versions or self.capabilities.conditional_delete:
            return self._storage.delete(*keys, versions=versions)
        found = self._storage.read(*versions)
        unchanged = (
            key for key in keys if key not in found or found[key].version == versions.get(key, found[key].version)
        )
        return self._storage.delete(*unchanged)

    def delete_unchanged(self, key: str, blob: Blob) -> bool:
        """Delete `key` while it is still what `blob` was read from; return whether it was."""
        return self.delete(key, versions={key: blob.version}) > 0

    def exists(self, key: str) -> bool:
        """Whether `key` exists, found out without reading it."""
        return any(entry.key == key for entry in self._storage.page(key, limit=1).entries)

    @contextlib.contextmanager
    def exclusive(self, slot: str) -> Iterator[None]:
        """Let one publish at a time into `slot`, on a store whose conditions cannot keep the others out."""
        if self.capabilities.conditional_write:
            yield
            return
        with self._locks.setdefault(same_name(slot), threading.RLock()):
            yield

    def _check(self, key: str, when: When) -> None:
        found = self._storage.read(key).get(key)
        if (found is not None) if when is ABSENT else (found is None or found.version != when):
            raise conflict_on(key)


def conflict_on(key: str) -> Conflict:
    """The error for a `key` that has changed since the snapshot."""
    return Conflict(f"“{key}” was changed by another writer.", hint="This call changed nothing. Try again.")


MAX_ATTEMPTS: Final = 100
"""How often a step starts again because another writer was faster."""

ABANDONED_AFTER_SECONDS: Final = 2 * 24 * 3600.0
"""Age in seconds at which a version that was never committed counts as left over from a crash."""


@dataclass(frozen=True)
class BusContext:
    """What the steps of one bus share.

    Attributes:
        storage: the bus space.
        conditional: the same space, with conditional writes, copies and deletes.
        tasks: threads for what may run during or after a publish.
        history: how many replaced versions a slot keeps.
        clock: returns Unix seconds; it keeps running while the machine sleeps.
        sleep: waits for seconds.
    """

    storage: Storage
    conditional: ConditionalStorage
    tasks: BackgroundTasks
    history: int = 5
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], object] = field(default=time.sleep)

    def token(self, origin: Origin) -> str:
        """A new token."""
        return new_token(self.clock(), origin)

    def attempts(self) -> Iterator[int]:
        """Yield the numbers of `MAX_ATTEMPTS` attempts at a step; the caller leaves the loop when one succeeds.

        Most conflicts are over at the second attempt, so the first few follow at once. After that each waits longer, so
        that several writers do not starve a slow one.
        """
        for attempt in range(MAX_ATTEMPTS):
            yield attempt
            if attempt >= 3:
                self.sleep(min(0.005 * attempt, 0.1))
