"""Checks: reading again what a cache has already. For stores that are `SupportsRefresh`."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from datasete.plugin import Blob, InvalidInput, Store, Unchanged, refresh_of
from datasete.testing._suite import Suite


def refreshed(store: Store, known: Mapping[str, str | None]) -> dict[str, Blob | Unchanged]:
    """The store's answer; fails where `refresh_of` finds no method."""
    refresh = refresh_of(store)
    assert refresh is not None, "the store has no method refresh in its class"
    return dict(refresh(known))


class RefreshChecks(Suite):
    """Unchanged bytes are not sent again, and changed ones always are."""

    def test_what_is_known_is_not_sent_again(self, store: Store) -> None:
        store.write("a", b"1")
        blob = store.read(["a"])["a"]
        assert refreshed(store, {"a": blob.version}) == {"a": Unchanged(blob.version, blob.modified)}

    def test_what_is_not_known_is_read(self, store: Store) -> None:
        store.write("a", b"1")
        assert refreshed(store, {"a": None}) == store.read(["a"])

    def test_what_has_changed_is_read(self, store: Store) -> None:
        known = store.write("a", b"1")
        store.write("a", b"2 is longer")
        assert refreshed(store, {"a": known}) == store.read(["a"])

    def test_what_another_program_changed_is_read(self, store: Store) -> None:
        known = store.write("a", b"1")
        self.raw_write(store, "a", b"by hand")
        assert refreshed(store, {"a": known}) == store.read(["a"])

    def test_what_is_gone_is_absent(self, store: Store) -> None:
        known = store.write("a", b"1")
        store.delete(["a"])
        assert refreshed(store, {"a": known, "b": None, "c": "nothing"}) == {}

    def test_many_keys_are_told_apart(self, store: Store) -> None:
        known = {f"slot {number}/key": store.write(f"slot {number}/key", b"%d" % number) for number in range(40)}
        for number in range(0, 40, 2):
            store.write(f"slot {number}/key", b"changed")
        found = refreshed(store, known)
        sent = {key for key, answer in found.items() if isinstance(answer, Blob)}
        assert sent == {f"slot {number}/key" for number in range(0, 40, 2)}
        assert len(found) == 40

    @pytest.mark.parametrize("version", ["", "*", '"*"', '"a", "b"', "nonsense", '"' + "0" * 32 + '"'])
    def test_a_version_of_nothing_matches_nothing(self, store: Store, version: str) -> None:
        store.write("a", b"1")
        assert refreshed(store, {"a": version}) == store.read(["a"])

    def test_no_key_leads_outside(self, store: Store) -> None:
        with pytest.raises(InvalidInput):
            refreshed(store, {"../a": None})
