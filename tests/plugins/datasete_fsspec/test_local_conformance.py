from pathlib import Path

import pytest

from datasete.testing.storage import OutlineChecks, StorageConformance, StrictArgumentChecks
from datasete_fsspec.local import LocalStore


class TestLocalStore(StorageConformance, StrictArgumentChecks, OutlineChecks):
    @pytest.fixture
    def root(self, tmp_path):
        return tmp_path / "made with the first write"

    @pytest.fixture
    def store(self, root):
        return LocalStore(root)

    @pytest.fixture
    def peer(self, root, store):
        return LocalStore(root)

    def raw_read(self, store, key):
        path = Path(store.root) / key
        return path.read_bytes() if path.exists() else None

    def raw_write(self, store, key, data):
        path = Path(store.root) / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
