import pytest

from datasete.testing.storage import StorageConformance, StrictArgumentChecks
from datasete_fsspec.smb import open_store


class TestSmbStore(StorageConformance, StrictArgumentChecks):
    @pytest.fixture
    def space(self, samba):
        return samba.space()

    @pytest.fixture
    def store(self, space):
        store = open_store(space)
        yield store
        store.close()

    @pytest.fixture
    def peer(self, space, store):
        peer = open_store(space)
        yield peer
        peer.close()

    @pytest.fixture(autouse=True)
    def server(self, samba):
        self.samba = samba

    def raw_read(self, store, key):
        path = self.samba.behind(store) / key
        return path.read_bytes() if path.exists() else None

    def raw_write(self, store, key, data):
        path = self.samba.behind(store) / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
