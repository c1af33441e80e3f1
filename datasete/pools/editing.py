"""Edits under compare-and-swap, the decoded manifests they start from, and the versions that pages know."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, TypeVar

from datasete.errors import InvalidInput
from datasete.ids import new_id
from datasete.plugin import Blob
from datasete.pools import commands
from datasete.pools.codec import Block, blocks_of, decode, encode
from datasete.pools.manifest import Manifest, Picture

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

CACHED_MANIFESTS: Final = 16


class LruCache(Generic[K, V]):
    """A cache of the most recently used values, up to a total size. Safe to use from several threads."""

    def __init__(self, capacity: int, size: Callable[[V], int]) -> None:
        self._capacity = capacity
        self._size = size
        self._used = 0
        self._lock = threading.Lock()
        self._values: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The cached value, or None."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: K, value: V) -> None:
        """Cache a value and evict the least recently used ones. One value always stays, however large."""
        with self._lock:
            if key in self._values:
                self._used -= self._size(self._values.pop(key))
            self._values[key] = value
            self._used += self._size(value)
            while self._used > self._capacity and len(self._values) > 1:
                self._used -= self._size(self._values.popitem(last=False)[1])


class ManifestCache:
    """Decodes each version of a manifest once, and encodes only the part that an edit changed."""

    def __init__(self) -> None:
        self._recent: LruCache[str, tuple[str, Manifest]] = LruCache(CACHED_MANIFESTS, lambda _: 1)
        self._blocks: LruCache[str, tuple[Block, ...]] = LruCache(CACHED_MANIFESTS, lambda _: 1)

    def decoded(self, pool_id: str, blob: Blob | None) -> Manifest:
        """The manifest in a blob; a missing one is an empty pool.

        Raises:
            CorruptData: the blob is not a manifest.
        """
        if blob is None:
            return Manifest()
        # The version is the store's, so that an edit by any other program is noticed.
        kept = self._recent.get(pool_id)
        if kept and kept[0] == blob.version:
            return kept[1]
        manifest = decode(blob.data, pool_id)
        self.remember(pool_id, blob.version, manifest)
        return manifest

    def encoded(self, pool_id: str, manifest: Manifest) -> bytes:
        """A pool's next manifest as bytes. The less has changed since the last one, the faster this is."""
        blocks = blocks_of(manifest.pictures, self._blocks.get(pool_id) or ())
        self._blocks.put(pool_id, blocks)
        return encode(manifest, blocks)

    def remember(self, pool_id: str, version: str, manifest: Manifest) -> None:
        """Cache a manifest that was just written or decoded."""
        self._recent.put(pool_id, (version, manifest))


CACHED_VERSIONS: Final = 16


@dataclass(frozen=True)
class Change:
    """The difference between two versions of a pool: from index `at` on, `pictures` replace `gone` old ones."""

    at: int
    gone: int
    pictures: tuple[Picture, ...]


class Versions:
    """The versions that pages received last. They share what did not change. Safe to use from several threads."""

    def __init__(self) -> None:
        self._recent: LruCache[str, Manifest] = LruCache(CACHED_VERSIONS, lambda _: 1)

    def remember(self, manifest: Manifest) -> str:
        """Remember a version that a page receives; return its name, which stands for this content alone."""
        self._recent.put(manifest.fingerprint, manifest)
        return manifest.fingerprint

    def since(self, version: str, manifest: Manifest) -> Change | None:
        """What has changed since a version; None when it is unknown, or when sending everything costs no more."""
        known = self._recent.get(version) if version else None
        change = difference(known.pictures, manifest.pictures) if known else None
        return change if change and 2 * len(change.pictures) <= len(manifest.pictures) else None


def difference(before: Sequence[Picture], after: Sequence[Picture]) -> Change:
    """The shortest single replacement that turns one sequence into the other."""
    most = min(len(before), len(after))
    # The unchanged beginning, then the unchanged end of what remains.
    start = next((index for index in range(most) if before[index] != after[index]), most)
    indexes = range(1, most - start + 1)
    end = next((index - 1 for index in indexes if before[-index] != after[-index]), most - start)
    return Change(start, len(before) - start - end, tuple(after[start : len(after) - end]))


MAX_OPERATION_CHARACTERS: Final = 64


class Step(Generic[V]):
    """One edit for `Storage.update`: called with what is stored, and again after each lost race.

    It keeps nothing from one call to the next, because another writer's bytes may decide the edit differently.

    Args:
        command: returns its argument itself when there is nothing to change.
        decode: the bytes that are stored, or None.
        commit: prepares what was edited for writing.
        encode: the bytes to store.
    """

    result: V
    """What is stored after the edit. Set by the first call."""

    def __init__(
        self,
        command: Callable[[V], V],
        *,
        decode: Callable[[Blob | None], V],
        commit: Callable[[V], V],
        encode: Callable[[V], bytes],
    ) -> None:
        self.unchanged = False
        self._command = command
        self._decode = decode
        self._commit = commit
        self._encode = encode

    def __call__(self, blob: Blob | None) -> bytes | None:
        """What to store in place of what is there; None to leave it."""
        current = self._decode(blob)
        edited = self._command(current)
        self.unchanged = edited is current
        self.result = current if self.unchanged else self._commit(edited)
        return None if self.unchanged else self._encode(self.result)


def pool_step(
    manifests: ManifestCache, pool_id: str, command: commands.Command, operation: str, trash_from: float
) -> Step[Manifest]:
    """An edit of a pool's manifest. It counts once for each `operation`, and forgets removals before `trash_from`."""

    def once(manifest: Manifest) -> Manifest:
        # The id is in the bytes themselves: after a lost answer nothing else tells whether the edit was written.
        return manifest if operation in manifest.operations else command(manifest)

    return Step(
        once,
        decode=partial(manifests.decoded, pool_id),
        commit=lambda edited: commands.expire(trash_from)(edited).committed(operation),
        encode=partial(manifests.encoded, pool_id),
    )


def operation_id(given: str | None) -> str:
    """The id under which an edit counts once: the caller's, or else a new one.

    Raises:
        InvalidInput: it is not a valid id.
    """
    if given is None:
        return new_id()
    if not (
        isinstance(given, str)
        and 0 < len(given) <= MAX_OPERATION_CHARACTERS
        and given.isascii()
        and given.isprintable()
    ):
        raise InvalidInput("An operation id is 1 to 64 plain characters.", hint="Nothing was changed. Use another one.")
    return given
