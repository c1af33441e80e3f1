"""The suite for stores. Subclass `StorageConformance`::

    class TestMyStore(StorageConformance):
        @pytest.fixture
        def store(self, tmp_path):
            store = MyStore(tmp_path)
            yield store
            store.close()

        def raw_read(self, store, key):
            path = store.path(key)
            return path.read_bytes() if path.exists() else None

        def raw_write(self, store, key, data):
            path = store.path(key)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

and run pytest. The fixture is enough to begin with; the two back doors check that the store hides nothing in memory. A
store that does not claim conditional writes still has to honour `when` between the threads of one process. Override
nothing else: an overridden check does not run. Add `RefreshChecks` for a store that is `SupportsRefresh`, and
`OutlineChecks` for one that is `SupportsOutline`.
"""

from __future__ import annotations

import pytest

from datasete.plugin import Store
from datasete.testing._basics import BasicChecks
from datasete.testing._conditions import ConditionChecks
from datasete.testing._copies import CopyAndDeleteChecks
from datasete.testing._listing import ListingChecks
from datasete.testing._outline import OutlineChecks
from datasete.testing._refresh import RefreshChecks
from datasete.testing._strict import StrictArgumentChecks
from datasete.testing._threads import ThreadChecks

__all__ = ["OutlineChecks", "RefreshChecks", "StorageConformance", "StrictArgumentChecks"]


class StorageConformance(BasicChecks, ConditionChecks, ListingChecks, CopyAndDeleteChecks, ThreadChecks):
    """The complete suite, with a fixture and two back doors."""

    @pytest.fixture
    def store(self) -> Store:
        """A new, empty store for one test. Override it, and close the store afterwards."""
        raise NotImplementedError("Override the fixture `store`.")

    @pytest.fixture
    def peer(self, store: Store) -> Store:
        """A second store over the same place, as another process would open it; the same store unless overridden."""
        return store

    def raw_read(self, store: Store, key: str) -> bytes | None:
        """The bytes under `key`, read without the store; None when there are none.

        Without an override this reads through the store, and checks less.
        """
        blob = store.read([key]).get(key)
        return None if blob is None else blob.data

    def raw_write(self, store: Store, key: str, data: bytes) -> None:
        """Write bytes under `key` without the store, as a person or another program would; see `raw_read`."""
        store.write(key, data)
