"""Checks: the store itself refuses arguments that `datasete.storage` never lets through."""

from __future__ import annotations

import pytest

from datasete.plugin import InvalidInput, Store
from datasete.testing._suite import Suite

BAD_KEYS = (
    "",
    "/",
    "/absolute",
    "trailing/",
    "double//slash",
    ".",
    "..",
    "../outside",
    "a/../b",
    "a/./b",
    "a/..",
    "back\\slash",
    "..\\outside",
    "nul\0byte",
    "new\nline",
    "de\u0301composed",
)


class StrictArgumentChecks(Suite):
    """A second line of defence for stores whose keys become paths. Mix it in beside `StorageConformance`."""

    @pytest.mark.parametrize("key", BAD_KEYS)
    def test_keys_that_lead_elsewhere_are_refused_everywhere(self, store: Store, key: str) -> None:
        store.write("a", b"1")
        for call in (
            lambda: store.read([key]),
            lambda: store.write(key, b"data"),
            lambda: store.copy("a", key),
            lambda: store.copy(key, "b"),
            lambda: store.delete([key]),
        ):
            with pytest.raises(InvalidInput):
                call()
        assert [entry.key for entry in store.list().entries] == ["a"]

    @pytest.mark.parametrize("limit", [0, -1])
    def test_a_page_of_nothing_is_refused(self, store: Store, limit: int) -> None:
        with pytest.raises(InvalidInput):
            store.list(limit=limit)
