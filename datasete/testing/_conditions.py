"""Checks: conditional writes."""

from __future__ import annotations

import pytest

from datasete.plugin import ABSENT, ANY, Conflict, Store
from datasete.testing._suite import Suite, data_of, keys, version_of


class ConditionChecks(Suite):
    """If `when` does not hold, nothing is written."""

    def test_any_writes_what_is_new_and_what_is_there(self, store: Store) -> None:
        store.write("key", b"first", ANY)
        store.write("key", b"second", ANY)
        assert data_of(store, "key") == b"second"

    def test_absent_creates(self, store: Store) -> None:
        version = store.write("slot/image.png", b"data", ABSENT)
        assert version == version_of(store, "slot/image.png")
        assert data_of(store, "slot/image.png") == b"data"

    def test_absent_conflicts_with_what_is_there(self, store: Store) -> None:
        version = store.write("key", b"first")
        with pytest.raises(Conflict):
            store.write("key", b"second", ABSENT)
        assert data_of(store, "key") == b"first"
        assert version_of(store, "key") == version

    def test_absent_conflicts_with_an_empty_blob(self, store: Store) -> None:
        store.write("key", b"")
        with pytest.raises(Conflict):
            store.write("key", b"second", ABSENT)
        assert data_of(store, "key") == b""

    def test_absent_conflicts_with_what_another_program_wrote(self, store: Store) -> None:
        self.raw_write(store, "key", b"theirs")
        with pytest.raises(Conflict):
            store.write("key", b"ours", ABSENT)
        assert self.raw_read(store, "key") == b"theirs"

    def test_absent_works_again_after_a_delete(self, store: Store) -> None:
        store.write("key", b"first", ABSENT)
        store.delete(["key"])
        store.write("key", b"second", ABSENT)
        assert data_of(store, "key") == b"second"

    def test_a_version_replaces_itself(self, store: Store) -> None:
        version = store.write("key", b"first")
        newer = store.write("key", b"second", version)
        assert newer != version
        assert newer == version_of(store, "key")
        assert data_of(store, "key") == b"second"

    def test_a_version_that_was_read_can_be_replaced(self, store: Store) -> None:
        self.raw_write(store, "key", b"theirs")
        store.write("key", b"ours", version_of(store, "key"))
        assert data_of(store, "key") == b"ours"

    def test_a_version_that_was_listed_can_be_replaced(self, store: Store) -> None:
        store.write("key", b"first")
        version = store.list().entries[0].version or version_of(store, "key")
        store.write("key", b"second", version)
        assert data_of(store, "key") == b"second"

    def test_a_stale_version_conflicts(self, store: Store) -> None:
        stale = store.write("key", b"first")
        current = store.write("key", b"second")
        with pytest.raises(Conflict):
            store.write("key", b"third", stale)
        assert data_of(store, "key") == b"second"
        assert version_of(store, "key") == current

    def test_a_version_made_stale_by_another_program_conflicts(self, store: Store) -> None:
        stale = store.write("key", b"ours..")
        self.raw_write(store, "key", b"theirs")
        with pytest.raises(Conflict):
            store.write("key", b"again!", stale)
        assert self.raw_read(store, "key") == b"theirs"

    def test_a_version_conflicts_when_the_key_is_gone(self, store: Store) -> None:
        version = store.write("slot/key", b"first")
        store.delete(["slot/key"])
        with pytest.raises(Conflict):
            store.write("slot/key", b"second", version)
        assert data_of(store, "slot/key") is None

    def test_a_version_of_another_key_conflicts(self, store: Store) -> None:
        store.write("one", b"first, and longer")
        other = store.write("two", b"second")
        with pytest.raises(Conflict):
            store.write("one", b"third", other)
        assert data_of(store, "one") == b"first, and longer"

    @pytest.mark.parametrize("version", ["", "0", "*", "no such version", '"d41d8cd98f00b204e9800998ecf8427e"'])
    def test_a_made_up_version_conflicts(self, store: Store, version: str) -> None:
        store.write("key", b"first")
        with pytest.raises(Conflict):
            store.write("key", b"second", version)
        assert data_of(store, "key") == b"first"

    @pytest.mark.parametrize("version", ["0", "*", "no such version"])
    def test_a_made_up_version_conflicts_with_nothing_there(self, store: Store, version: str) -> None:
        with pytest.raises(Conflict):
            store.write("key", b"data", version)
        assert keys(store) == []

    def test_a_key_that_came_back_is_not_the_old_version(self, store: Store) -> None:
        old = store.write("key", b"first!")
        store.delete(["key"])
        store.write("key", b"second")
        with pytest.raises(Conflict):
            store.write("key", b"third!", old)
        assert data_of(store, "key") == b"second"

    def test_a_conflict_leaves_nothing_behind(self, store: Store) -> None:
        store.write("slot/key", b"first")
        for _ in range(3):
            with pytest.raises(Conflict):
                store.write("slot/key", b"second", ABSENT)
        assert keys(store) == ["slot/key"]

    def test_a_conflict_says_what_happened(self, store: Store) -> None:
        store.write("key", b"first")
        with pytest.raises(Conflict) as caught:
            store.write("key", b"second", ABSENT)
        assert len(str(caught.value)) > 20

    def test_the_second_of_two_handles_loses(self, store: Store, peer: Store) -> None:
        store.write("key", b"start")
        seen, also_seen = version_of(store, "key"), version_of(peer, "key")
        store.write("key", b"first", seen)
        with pytest.raises(Conflict):
            peer.write("key", b"second", also_seen)
        assert data_of(peer, "key") == b"first"

    def test_a_big_conditional_write_conflicts_whole(self, store: Store) -> None:
        store.write("key", b"small")
        with pytest.raises(Conflict):
            store.write("key", b"x" * (9 << 20), ABSENT)
        assert data_of(store, "key") == b"small"

    def test_a_big_conditional_write_succeeds(self, store: Store) -> None:
        version = store.write("key", b"small")
        store.write("key", b"x" * (9 << 20), version)
        assert data_of(store, "key") == b"x" * (9 << 20)
