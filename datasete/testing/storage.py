"""What every store must do. A plugin author subclasses `StorageConformance`::

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

and inherits all of it. The fixture is enough to begin with; the two back doors show that the store keeps nothing to
itself. A store that does not claim conditional writes must still honour `when` between the threads of one process.
Override nothing else: a check that is overridden is not run. A store with a method `refresh` inherits `RefreshChecks`
as well, one with `outline` `OutlineChecks`.
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
    """The whole suite, over a fixture and two back doors."""

    @pytest.fixture
    def store(self) -> Store:
        """A fresh and empty store for one test. Override it; close what it opened."""
        raise NotImplementedError("Override the fixture `store`.")

    @pytest.fixture
    def peer(self, store: Store) -> Store:
        """A second store over the same place, as another process would open it; the same one unless overridden."""
        return store

    def raw_read(self, store: Store, key: str) -> bytes | None:
        """The bytes under `key`, found behind the store's back; None when there are none.

        Without an override it looks through the front door, and checks less.
        """
        blob = store.read([key]).get(key)
        return None if blob is None else blob.data

    def raw_write(self, store: Store, key: str, data: bytes) -> None:
        """Put bytes under `key` behind the store's back, as a person or another program would; see `raw_read`."""
        store.write(key, data)
