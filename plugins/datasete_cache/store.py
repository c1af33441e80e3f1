"""A store around another that caches on the local disk what is read and written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from datasete.plugin import ANY, Blob, Capabilities, Listing, Store, Unchanged, When, as_found_of, refresh_of
from datasete_cache.disk_cache import DiskCache


class CachedStore:
    """The content of `inner`; bytes come from the cache where `inner` confirms that their version is current.

    The cache is never trusted: without an answer from `inner` there is none from here, and a damaged file is fetched
    again.
    """

    def __init__(self, inner: Store, cache: DiskCache) -> None:
        self.inner = inner
        self._cache = cache
        self._refresh = refresh_of(inner)

    def as_found(self) -> CachedStore:
        """See `datasete.plugin.SupportsAsFound`."""
        return CachedStore(as_found_of(self.inner), self._cache)

    @property
    def capabilities(self) -> Capabilities:
        """The inner store's."""
        return self.inner.capabilities

    def read(self, keys: Iterable[str]) -> Mapping[str, Blob]:
        """See `datasete.plugin.Store.read`."""
        known = {key: self._cache.version(key) for key in dict.fromkeys(keys)}
        answers = self._ask(known)
        blobs = {key: self._blob(key, answer) for key, answer in answers.items()}
        for key in known.keys() - answers.keys():
            self._cache.drop(key)
        # damaged, or removed by another process since its version was read: `Unchanged` came without bytes
        broken = [key for key, blob in blobs.items() if blob is None]
        again = self._fetch(broken) if broken else {}
        found = {key: again.get(key) or blobs.get(key) for key in known}
        return {key: blob for key, blob in found.items() if blob}

    def write(self, key: str, data: bytes, when: When = ANY) -> str:
        """See `datasete.plugin.Store.write`."""
        # not before the store has answered: only then is there a version, and a refused write must not be cached
        version = self.inner.write(key, data, when)
        self._cache.put(key, version, data)
        return version

    def list(self, prefix: str = "", after: str = "", limit: int = 1000) -> Listing:
        """See `datasete.plugin.Store.list`."""
        return self.inner.list(prefix, after, limit)

    def copy(self, source: str, target: str, version: str | None = None) -> str:
        """See `datasete.plugin.Store.copy`."""
        return self.inner.copy(source, target, version)

    def delete(self, keys: Iterable[str], versions: Mapping[str, str] | None = None) -> int:
        """See `datasete.plugin.Store.delete`."""
        return self.inner.delete(keys, versions)

    def close(self) -> None:
        """Close the inner store. The cache stays on the disk."""
        self.inner.close()

    def _ask(self, known: Mapping[str, str | None]) -> Mapping[str, Blob | Unchanged]:
        if self._refresh:
            return self._refresh(known)
        current = {key: self._listed(key) for key, version in known.items() if version}
        same = {key: unchanged for key, unchanged in current.items() if unchanged and unchanged.version == known[key]}
        return {**same, **self.inner.read([key for key in known if key not in same])}

    def _listed(self, key: str) -> Unchanged | None:
        # the cheapest question about a version that every store can answer: a listing of one key
        entries = self.inner.list(key, "", 1).entries
        return Unchanged(entries[0].version, entries[0].modified) if entries and entries[0].key == key else None

    def _blob(self, key: str, answer: Blob | Unchanged) -> Blob | None:
        if isinstance(answer, Blob):
            self._cache.put(key, answer.version, answer.data)
            return answer
        data = self._cache.take(key, answer.version)
        return None if data is None else Blob(data, answer.version, answer.modified)

    def _fetch(self, keys: Iterable[str]) -> Mapping[str, Blob]:
        found = self.inner.read(keys)
        for key, blob in found.items():
            self._cache.put(key, blob.version, blob.data)
        return found
