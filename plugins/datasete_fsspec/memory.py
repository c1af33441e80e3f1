"""Stores in memory, for tests and for trying things out. They are gone when the process ends.

fsspec's memory file system has no versions, no conditional writes and no locks between threads, so this is a dictionary
of our own. Spaces with the same URL share it.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Final

from datasete.plugin import ABSENT, ANY, Blob, Capabilities, ConfigError, Entry, Listing, Space, When
from datasete_fsspec.conflicts import changed, nothing_to_copy
from datasete_fsspec.keys import Sound, as_found, check_key, check_prefix, is_listed, is_sound, page


class Content:
    """The content behind one URL, with its lock. `order` has the keys in order, so that a page needs no sorting."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.blobs: dict[str, Blob] = {}
        self.order: list[str] = []
        self.numbers = count(1)

    def put(self, key: str, data: bytes) -> str:
        """Store under a new version; the caller holds the lock."""
        if key not in self.blobs:
            insort(self.order, key)
        version = f"m{next(self.numbers)}"
        self.blobs[key] = Blob(data, version, time.time())
        return version

    def drop(self, key: str) -> None:
        """Remove a key that is there; the caller holds the lock."""
        del self.blobs[key]
        del self.order[bisect_left(self.order, key)]


_CONTENTS: Final[dict[str, Content]] = {}
_CONTENTS_LOCK: Final = threading.Lock()


class MemoryStore:
    """A store over a `Content`, which others may share."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self.sound: Sound = is_sound

    def as_found(self) -> MemoryStore:
        """See `datasete.plugin.SupportsAsFound`."""
        return as_found(self)

    @property
    def capabilities(self) -> Capabilities:
        """Everything: only the threads of this process can reach it."""
        return Capabilities(atomic_replace=True, conditional_write=True, server_copy=True, conditional_delete=True)

    def read(self, keys: Iterable[str]) -> Mapping[str, Blob]:
        """See `datasete.plugin.Store.read`."""
        wanted = [check_key(key, self.sound) for key in keys]
        with self.content.lock:
            return {key: self.content.blobs[key] for key in wanted if key in self.content.blobs}

    def write(self, key: str, data: bytes, when: When = ANY) -> str:
        """See `datasete.plugin.Store.write`."""
        check_key(key)
        content = bytes(memoryview(data))  # a copy: the caller may go on to change its buffer
        with self.content.lock:
            current = self.content.blobs.get(key)
            if not _holds(when, current):
                raise changed(key, "written")
            return self.content.put(key, content)

    def list(self, prefix: str = "", after: str = "", limit: int = 1000) -> Listing:
        """See `datasete.plugin.Store.list`."""
        check_prefix(prefix)
        with self.content.lock:
            return page(self._entries(prefix, after), limit)

    def copy(self, source: str, target: str, version: str | None = None) -> str:
        """See `datasete.plugin.Store.copy`."""
        check_key(source), check_key(target)
        with self.content.lock:
            blob = self.content.blobs.get(source)
            if version is not None and (blob is None or blob.version != version):
                raise changed(source, "copied")
            if blob is None:
                raise nothing_to_copy(source)
            return self.content.put(target, blob.data)

    def delete(self, keys: Iterable[str], versions: Mapping[str, str] | None = None) -> int:
        """See `datasete.plugin.Store.delete`."""
        wanted = {check_key(key) for key in keys}
        with self.content.lock:
            present = ((key, self.content.blobs.get(key)) for key in wanted)
            doomed = [key for key, blob in present if blob and blob.version == (versions or {}).get(key, blob.version)]
            for key in doomed:
                self.content.drop(key)
            return len(doomed)

    def close(self) -> None:
        """Keep the content: another space may share it."""

    def _entries(self, prefix: str, after: str) -> Iterator[Entry]:
        order = self.content.order
        start = max(bisect_right(order, after), bisect_left(order, prefix))
        for position in range(start, len(order)):
            if not is_listed(order[position], prefix, after):
                return
            if not all(map(self.sound, order[position].split("/"))):
                continue
            blob = self.content.blobs[order[position]]
            yield Entry(order[position], len(blob.data), blob.modified, blob.version)


def open_store(space: Space) -> MemoryStore:
    """The store at ``memory://name``: the same content for every space of this process with that URL.

    Raises:
        ConfigError: it has options, of which there are none.
    """
    if space.options:
        raise ConfigError(
            f"The space “{space.name}” is in memory, which takes no options.",
            hint="Nothing was opened. Remove the options.",
        )
    with _CONTENTS_LOCK:
        return MemoryStore(_CONTENTS.setdefault(space.url.partition("://")[2].strip("/"), Content()))


def _holds(when: When, current: Blob | None) -> bool:
    if when is ANY:
        return True
    return current is None if when is ABSENT else current is not None and current.version == when
