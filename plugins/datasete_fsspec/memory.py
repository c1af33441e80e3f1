"""Memory: for tests and for trying things out. Gone when the process ends.

fsspec's memory file system has no versions, no conditional replacement and no order between threads, so this is a
dictionary of our own. Spaces with the same URL share it.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Final

from datasete.plugin import (
    ABSENT,
    ANY,
    Blob,
    Capabilities,
    ConfigError,
    Conflict,
    Entry,
    Listing,
    NotFound,
    Space,
    When,
)
from datasete_fsspec.keys import check_key, check_prefix, is_listed, page


class Shelf:
    """The content behind one URL, and the lock around it. `order` holds its keys sorted."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.blobs: dict[str, Blob] = {}
        self.order: list[str] = []
        self.numbers = count(1)

    def put(self, key: str, data: bytes) -> str:
        """Store under a fresh version; the caller holds the lock."""
        if key not in self.blobs:
            insort(self.order, key)
        version = f"m{next(self.numbers)}"
        self.blobs[key] = Blob(data, version, time.time())
        return version

    def drop(self, key: str) -> None:
        """Remove a key that is there; the caller holds the lock."""
        del self.blobs[key]
        del self.order[bisect_left(self.order, key)]


_SHELVES: Final[dict[str, Shelf]] = {}
_SHELVES_LOCK: Final = threading.Lock()


class MemoryStore:
    """A store over one `Shelf`."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    @property
    def capabilities(self) -> Capabilities:
        """Everything, between the threads of this process, which are all that can see it."""
        return Capabilities(atomic_replace=True, conditional_write=True, server_copy=True, conditional_delete=True)

    def read(self, keys: Iterable[str]) -> Mapping[str, Blob]:
        """See `datasete.plugin.Store.read`."""
        wanted = [check_key(key) for key in keys]
        with self._shelf.lock:
            return {key: self._shelf.blobs[key] for key in wanted if key in self._shelf.blobs}

    def write(self, key: str, data: bytes, when: When = ANY) -> str:
        """See `datasete.plugin.Store.write`."""
        check_key(key)
        content = bytes(memoryview(data))
        with self._shelf.lock:
            current = self._shelf.blobs.get(key)
            if not _holds(when, current):
                raise Conflict(f"“{key}” was changed by somebody else.", hint="Nothing was written.")
            return self._shelf.put(key, content)

    def list(self, prefix: str = "", after: str = "", limit: int = 1000) -> Listing:
        """See `datasete.plugin.Store.list`."""
        check_prefix(prefix)
        with self._shelf.lock:
            return page(self._entries(prefix, after), limit)

    def copy(self, source: str, target: str, version: str | None = None) -> str:
        """See `datasete.plugin.Store.copy`."""
        check_key(source), check_key(target)
        with self._shelf.lock:
            blob = self._shelf.blobs.get(source)
            if version is not None and (blob is None or blob.version != version):
                raise Conflict(f"“{source}” was changed by somebody else.", hint="Nothing was copied.")
            if blob is None:
                raise NotFound(f"There is nothing at “{source}”.", hint="Nothing was copied.")
            return self._shelf.put(target, blob.data)

    def delete(self, keys: Iterable[str], versions: Mapping[str, str] | None = None) -> int:
        """See `datasete.plugin.Store.delete`."""
        wanted = {check_key(key) for key in keys}
        with self._shelf.lock:
            present = ((key, self._shelf.blobs.get(key)) for key in wanted)
            doomed = [key for key, blob in present if blob and blob.version == (versions or {}).get(key, blob.version)]
            for key in doomed:
                self._shelf.drop(key)
            return len(doomed)

    def close(self) -> None:
        """Nothing to release: another space may share the content."""

    def _entries(self, prefix: str, after: str) -> Iterator[Entry]:
        order = self._shelf.order
        start = max(bisect_right(order, after), bisect_left(order, prefix))
        for position in range(start, len(order)):
            if not is_listed(order[position], prefix, after):
                return
            blob = self._shelf.blobs[order[position]]
            yield Entry(order[position], len(blob.data), blob.modified, blob.version)


def open_store(space: Space) -> MemoryStore:
    """The store at ``memory://name``: the same content for every space of this process with that URL.

    Raises:
        ConfigError: options were given; there are none.
    """
    if space.options:
        raise ConfigError(f"The space “{space.name}” is in memory, which takes no options.", hint="Remove them.")
    with _SHELVES_LOCK:
        return MemoryStore(_SHELVES.setdefault(space.url.partition("://")[2].strip("/"), Shelf()))


def _holds(when: When, current: Blob | None) -> bool:
    if when is ANY:
        return True
    return current is None if when is ABSENT else current is not None and current.version == when
