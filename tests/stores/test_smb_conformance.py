import pytest

from datasete.testing.storage import RefreshChecks, StorageConformance, StrictArgumentChecks
from datasete_cache.disk_cache import DiskCache
from datasete_cache.store import CachedStore
from datasete_fsspec.smb import open_store


class OnShare:
    @pytest.fixture
    def space(self, samba):
        return samba.space()

    def opened(self, space, folder):
        return open_store(space)

    @pytest.fixture
    def store(self, space, tmp_path):
        store = self.opened(space, tmp_path / "mine")
        yield store
        store.close()

    @pytest.fixture
    def peer(self, space, store, tmp_path):
        peer = self.opened(space, tmp_path / "theirs")
        yield peer
        peer.close()

    @pytest.fixture(autouse=True)
    def server(self, samba):
        self.samba = samba

    def behind(self, store):
        return self.samba.behind(store)

    def raw_read(self, store, key):
        path = self.behind(store) / key
        return path.read_bytes() if path.exists() else None

    def raw_write(self, store, key, data):
        path = self.behind(store) / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


class TestSmbStore(OnShare, StorageConformance, StrictArgumentChecks, RefreshChecks):
    """As it is."""


class TestCachedSmbStore(OnShare, StorageConformance, StrictArgumentChecks):
    """Through a cache, and its peer through a cache of its own."""

    def opened(self, space, folder):
        return CachedStore(open_store(space), DiskCache(folder, 10_000_000))

    def behind(self, store):
        return self.samba.behind(store.inner)
