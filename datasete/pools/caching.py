"""Decoded manifests and rendered thumbnails, kept while they are true."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

from datasete.plugin import Blob
from datasete.pools.blocks import Block, blocks_of
from datasete.pools.codec import decode, encode
from datasete.pools.manifest import Manifest

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MANIFESTS: Final = 16


class Recent(Generic[K, V]):
    """The most recently used values, up to a total size. Safe from several threads."""

    def __init__(self, room: int, size: Callable[[V], int]) -> None:
        self._room = room
        self._size = size
        self._used = 0
        self._lock = threading.Lock()
        self._values: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value, or None."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: K, value: V) -> None:
        """Keep a value; the least recently used ones make room."""
        with self._lock:
            if key in self._values:
                self._used -= self._size(self._values.pop(key))
            self._values[key] = value
            self._used += self._size(value)
            while self._used > self._room and len(self._values) > 1:
                self._used -= self._size(self._values.popitem(last=False)[1])


class Manifests:
    """Decodes manifests, each version once, and encodes what was changed of them."""

    def __init__(self) -> None:
        self._recent: Recent[str, tuple[str, Manifest]] = Recent(MANIFESTS, lambda _: 1)
        self._blocks: Recent[str, tuple[Block, ...]] = Recent(MANIFESTS, lambda _: 1)

    def decoded(self, pool_id: str, blob: Blob | None) -> Manifest:
        """The manifest in a blob; a missing one is an empty pool.

        Raises:
            CorruptData: the blob is no manifest.
        """
        if blob is None:
            return Manifest()
        kept = self._recent.get(pool_id)
        if kept and kept[0] == blob.version:
            return kept[1]
        manifest = decode(blob.data, pool_id)
        self.remember(pool_id, blob.version, manifest)
        return manifest

    def encoded(self, pool_id: str, manifest: Manifest) -> bytes:
        """A pool's next manifest as bytes, quicker the less of it is new since the last time."""
        blocks = blocks_of(manifest.slots, self._blocks.get(pool_id) or ())
        self._blocks.put(pool_id, blocks)
        return encode(manifest, blocks)

    def remember(self, pool_id: str, version: str, manifest: Manifest) -> None:
        """Keep what was just written."""
        self._recent.put(pool_id, (version, manifest))
