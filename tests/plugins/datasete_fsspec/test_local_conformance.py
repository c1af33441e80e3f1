import pytest
from opened_stores import FilesBehindTheStore

from datasete.testing.storage import OutlineChecks, StorageConformance, StrictArgumentChecks
from datasete_fsspec.local import LocalStore


class TestLocalStore(FilesBehindTheStore, StorageConformance, StrictArgumentChecks, OutlineChecks):
    @pytest.fixture
    def root(self, tmp_path):
        return tmp_path / "made with the first write"

    @pytest.fixture
    def store(self, root):
        return LocalStore(root)

    @pytest.fixture
    def peer(self, root, store):
        return LocalStore(root)
