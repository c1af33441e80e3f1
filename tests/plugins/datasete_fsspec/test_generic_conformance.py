from pathlib import Path

import pytest

from datasete.plugin import Space
from datasete.testing.storage import StorageConformance, StrictArgumentChecks
from datasete_fsspec.generic import open_store


class TestGenericStore(StorageConformance, StrictArgumentChecks):
    """On fsspec's own local file system, by the name under which we do not take it over."""

    @pytest.fixture
    def store(self, tmp_path):
        return open_store(Space("bus", f"local://{tmp_path}/space"))

    def raw_read(self, store, key):
        path = Path(store.root) / key
        return path.read_bytes() if path.exists() else None

    def raw_write(self, store, key, data):
        path = Path(store.root) / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def test_it_claims_nothing(tmp_path):
    capabilities = open_store(Space("bus", f"local://{tmp_path}")).capabilities
    assert not any(vars(capabilities).values())
