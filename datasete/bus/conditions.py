"""Conditional calls over any store: the store's own where it has them, checked from here where it has not.

Without conditional writes a store has a single-writer mode only: one process publishes, one publish a slot at a time,
and every condition is looked up just before the call. A hand edit made in that instant can be lost, and a second
process can cost a history entry; images and masks still never mix, because readers go by tokens.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping

from datasete.errors import Conflict
from datasete.ids import same_name
from datasete.plugin import ABSENT, ANY, Blob, Capabilities, When
from datasete.storage import Storage


class Conditions:
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

    def exists(self, key: str) -> bool:
        """Whether there is something at `key`, without reading it."""
        return any(entry.key == key for entry in self._storage.page(key, limit=1).entries)

    @contextlib.contextmanager
    def alone(self, slot: str) -> Iterator[None]:
        """Keep other publishes of this process from `slot` where the store cannot."""
        if self.capabilities.conditional_write:
            yield
            return
        with self._locks.setdefault(same_name(slot), threading.RLock()):
            yield

    def _check(self, key: str, when: When) -> None:
        found = self._storage.read(key).get(key)
        if (found is not None) if when is ABSENT else (found is None or found.version != when):
            raise changed(key)


def changed(key: str) -> Conflict:
    """What is raised when `key` is not any more what was looked at."""
    return Conflict(f"“{key}” was changed by somebody else.", hint="Nothing was changed.")
