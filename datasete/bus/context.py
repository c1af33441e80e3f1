"""What every step of the protocol is handed: conditional storage, background tasks, the clock.

Conditions are the store's own where it has them, and checked from here where it does not. Without conditional writes a
store has a single-writer mode only: one process publishes, one publish a slot at a time, and every condition is looked
up just before the call. A hand edit made in that instant can be lost, and a second process can cost a history entry;
images and masks still never mix, because readers go by tokens.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Final

from datasete.bus.layout import new_token
from datasete.bus.models import Origin
from datasete.errors import Conflict
from datasete.ids import same_name
from datasete.plugin import ABSENT, ANY, Blob, Capabilities, When
from datasete.storage import Storage

logger = logging.getLogger(__name__)

MAX_QUEUED_TASKS: Final = 64


class BackgroundTasks:
    """A few threads that start when first needed. Python finishes what is queued before it ends."""

    def __init__(self, *, parallel: int = 8, background: int = 2) -> None:
        self._parallel = ThreadPoolExecutor(parallel, "datasete-parallel")
        self._background = ThreadPoolExecutor(background, "datasete-background")
        self._free_places = threading.BoundedSemaphore(MAX_QUEUED_TASKS)
        self._pending: set[Future[None]] = set()

    def submit(self, job: Callable[[], object]) -> Future[object]:
        """Run `job` beside the caller, who collects the result."""
        return self._parallel.submit(job)

    def defer(self, what: str, job: Callable[[], object]) -> None:
        """Run `job` some time soon; a failure is logged as “`what` was put off”, and harms nobody.

        When too much waits already, the caller is held until there is room.
        """
        self._free_places.acquire()
        try:
            future = self._background.submit(self.run, what, job)
        except RuntimeError:  # the interpreter, or this object, is closing: there is no later
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
        """Wait until everything given to `defer` so far has run."""
        wait(tuple(self._pending))

    def close(self) -> None:
        """Finish what is queued and end the threads."""
        self._background.shutdown(wait=True)
        self._parallel.shutdown(wait=True)

    def _finished(self, future: Future[None]) -> None:
        self._pending.discard(future)
        self._free_places.release()


class ConditionalStorage:
    """`write`, `copy` and `delete` of a storage, with their conditions honoured as far as the store allows."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._locks: dict[str, threading.RLock] = {}

    @property
    def capabilities(self) -> Capabilities:
        """What the store guarantees."""
        return self._storage.capabilities

    def read(self, *keys: str) -> dict[str, Blob]:
        """Read keys together; missing ones are absent from the result."""
        return self._storage.read(*keys)

    def write(self, key: str, data: bytes, when: When = ANY) -> str:
        """Replace one key; return its version.

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
            Conflict: it is not any more; nothing was copied.
            NotFound: it is gone.
        """
        if not self.capabilities.conditional_write:
            self._check(source, version)
        return self._storage.copy(source, target, version)

    def delete(self, *keys: str, versions: Mapping[str, str] | None = None) -> int:
        """Delete keys, those named in `versions` only at that version; return how many were deleted."""
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
        """Whether there is something at `key`, without reading it."""
        return any(entry.key == key for entry in self._storage.page(key, limit=1).entries)

    @contextlib.contextmanager
    def exclusive(self, slot: str) -> Iterator[None]:
        """Keep other publishes of this process from `slot` where the store cannot."""
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
    """What is raised when `key` is not any more what was looked at."""
    return Conflict(f"“{key}” was changed by somebody else.", hint="Nothing was changed.")


MAX_ATTEMPTS: Final = 100
"""How often a step starts again because somebody else was faster."""

ABANDONED_AFTER_SECONDS: Final = 2 * 24 * 3600.0
"""Seconds before a version that was never committed is taken for the remains of a crash."""


@dataclass(frozen=True)
class BusContext:
    """One bus's tools.

    Attributes:
        storage: the bus space.
        conditional: the same space, with conditional writes, copies and deletes.
        tasks: threads for what may run during or after a publish.
        history: how many replaced versions a slot keeps.
        clock: Unix seconds; goes on while the machine sleeps.
        sleep: waits for seconds.
    """

    storage: Storage
    conditional: ConditionalStorage
    tasks: BackgroundTasks
    history: int = 5
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], object] = field(default=time.sleep)

    def token(self, origin: Origin) -> str:
        """A fresh token."""
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
