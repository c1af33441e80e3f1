import pytest
from opened_stores import FilesBehindTheStore

from datasete.plugin import Space
from datasete.testing.storage import StorageConformance, StrictArgumentChecks
from datasete_fsspec.generic import open_store


class TestGenericStore(FilesBehindTheStore, StorageConformance, StrictArgumentChecks):
    """On fsspec's own local file system, by the name under which we do not take it over."""

    @pytest.fixture
    def store(self, tmp_path):
        return open_store(Space("bus", f"local://{tmp_path}/space"))


def test_it_claims_nothing(tmp_path):
    capabilities = open_store(Space("bus", f"local://{tmp_path}")).capabilities
    assert not any(vars(capabilities).values())
