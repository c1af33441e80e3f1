import uuid

import pytest

from datasete.plugin import Blob, Space
from datasete.testing.storage import StorageConformance, StrictArgumentChecks
from datasete_fsspec.memory import open_store


class TestMemoryStore(StorageConformance, StrictArgumentChecks):
    @pytest.fixture
    def space(self):
        return Space("test", f"memory://{uuid.uuid4()}")

    @pytest.fixture
    def store(self, space):
        return open_store(space)

    @pytest.fixture
    def peer(self, space, store):
        return open_store(space)

    def raw_read(self, store, key):
        blob = store.content.blobs.get(key)
        return blob.data if isinstance(blob, Blob) else None

    def raw_write(self, store, key, data):
        with store.content.lock:
            store.content.put(key, data)
