"""A cache changes nothing that a store promises: all checks, around a store that can refresh and one that cannot."""

import uuid

import pytest

from datasete.plugin import Blob, Space, Unchanged
from datasete.testing.storage import StorageConformance, StrictArgumentChecks
from datasete_cache.disk_cache import DiskCache
from datasete_cache.store import CachedStore
from datasete_fsspec.memory import MemoryStore, open_store


class Refreshing(MemoryStore):
    """Memory that tells what is unchanged, as a store that is far away does."""

    def refresh(self, known):
        found = self.read(known)
        return {
            key: Unchanged(blob.version, blob.modified) if blob.version == known[key] else blob
            for key, blob in found.items()
        }


class AroundMemory:
    inner: type[MemoryStore]

    @pytest.fixture
    def place(self):
        return Space("bus", f"memory://{uuid.uuid4()}")

    def cached(self, place, folder):
        return CachedStore(self.inner(open_store(place).content), DiskCache(folder, 10_000_000))

    @pytest.fixture
    def store(self, place, tmp_path):
        return self.cached(place, tmp_path / "cache")

    @pytest.fixture(params=["the same cache", "another cache"])
    def peer(self, place, tmp_path, store, request):
        return self.cached(place, tmp_path / ("cache" if "same" in request.param else "another"))

    def raw_read(self, store, key):
        blob = store.inner.read([key]).get(key)
        return blob.data if isinstance(blob, Blob) else None

    def raw_write(self, store, key, data):
        store.inner.write(key, data)


class TestCacheAroundMemory(AroundMemory, StorageConformance, StrictArgumentChecks):
    inner = MemoryStore


class TestCacheAroundARefreshingStore(AroundMemory, StorageConformance, StrictArgumentChecks):
    inner = Refreshing
