"""Checks: copying and deleting, with their conditions."""

from __future__ import annotations

import pytest

from datasete.plugin import ABSENT, Conflict, NotFound, Store
from datasete.testing._suite import Suite, data_of, fill, keys, version_of


class CopyAndDeleteChecks(Suite):
    """`copy` and `delete`."""

    def test_copies(self, store: Store) -> None:
        store.write("a", b"data")
        version = store.copy("a", ".versions/a/1")
        assert data_of(store, ".versions/a/1") == b"data"
        assert version == version_of(store, ".versions/a/1")
        assert self.raw_read(store, ".versions/a/1") == b"data"

    def test_a_copy_leaves_its_source_alone(self, store: Store) -> None:
        before = store.write("a", b"data")
        store.copy("a", "b")
        assert data_of(store, "a") == b"data"
        assert version_of(store, "a") == before

    def test_a_copy_replaces_its_target(self, store: Store) -> None:
        store.write("a", b"new")
        before = store.write("b", b"old and longer")
        assert store.copy("a", "b") != before
        assert data_of(store, "b") == b"new"

    def test_a_copy_outlives_a_new_write_of_its_source(self, store: Store) -> None:
        store.write("a", b"first")
        store.copy("a", "b")
        store.write("a", b"second")
        assert data_of(store, "b") == b"first"

    def test_a_copy_outlives_another_program_writing_its_source(self, store: Store) -> None:
        store.write("a", b"first!")
        store.copy("a", "b")
        self.raw_write(store, "a", b"second")
        assert data_of(store, "b") == b"first!"

    def test_a_copy_outlives_its_source(self, store: Store) -> None:
        store.write("a", b"data")
        store.copy("a", "b")
        store.delete(["a"])
        assert data_of(store, "b") == b"data"

    def test_copies_what_another_program_wrote(self, store: Store) -> None:
        self.raw_write(store, "a", b"by hand")
        store.copy("a", "b")
        assert data_of(store, "b") == b"by hand"

    def test_copies_an_empty_blob(self, store: Store) -> None:
        store.write("a", b"")
        store.copy("a", "b")
        assert data_of(store, "b") == b""

    def test_copies_a_big_blob(self, store: Store) -> None:
        data = bytes(range(256)) * (9 << 12)
        store.copy("a", "b", store.write("a", data))
        assert data_of(store, "b") == data

    def test_copying_nothing_is_not_found(self, store: Store) -> None:
        with pytest.raises(NotFound):
            store.copy("nothing", "target")
        assert keys(store) == []

    def test_copying_nothing_leaves_the_target(self, store: Store) -> None:
        store.write("target", b"data")
        with pytest.raises(NotFound):
            store.copy("nothing/here", "target")
        assert data_of(store, "target") == b"data"

    def test_copies_at_a_version(self, store: Store) -> None:
        version = store.write("a", b"data")
        assert store.copy("a", "b", version) == version_of(store, "b")
        assert data_of(store, "b") == b"data"

    def test_a_stale_version_is_not_copied(self, store: Store) -> None:
        stale = store.write("a", b"first")
        store.write("a", b"second")
        with pytest.raises(Conflict):
            store.copy("a", "b", stale)
        assert data_of(store, "b") is None

    def test_a_version_made_stale_by_another_program_is_not_copied(self, store: Store) -> None:
        stale = store.write("a", b"ours..")
        self.raw_write(store, "a", b"theirs")
        with pytest.raises(Conflict):
            store.copy("a", "b", stale)
        assert keys(store) == ["a"]

    def test_a_version_that_is_gone_is_not_copied(self, store: Store) -> None:
        version = store.write("a", b"data")
        store.delete(["a"])
        with pytest.raises(Conflict):
            store.copy("a", "b", version)
        assert keys(store) == []

    def test_a_refused_copy_leaves_its_target(self, store: Store) -> None:
        stale = store.write("a", b"first")
        store.write("a", b"second")
        before = store.write("b", b"target")
        with pytest.raises(Conflict):
            store.copy("a", "b", stale)
        assert version_of(store, "b") == before

    def test_a_copy_can_be_replaced_under_its_version(self, store: Store) -> None:
        store.write("a", b"data")
        store.write("b", b"newer", store.copy("a", "b"))
        assert data_of(store, "b") == b"newer"

    def test_absent_conflicts_with_a_copy(self, store: Store) -> None:
        store.write("a", b"data")
        store.copy("a", "b")
        with pytest.raises(Conflict):
            store.write("b", b"other", ABSENT)

    def test_deletes(self, store: Store) -> None:
        fill(store, "slot/a", "slot/b")
        assert store.delete(["slot/a"]) == 1
        assert keys(store) == ["slot/b"]
        assert self.raw_read(store, "slot/a") is None

    def test_deleting_counts_what_existed(self, store: Store) -> None:
        fill(store, "a", "b/c", "d")
        assert store.delete(["a", "nothing", "b/c", "b/nothing"]) == 2
        assert keys(store) == ["d"]

    def test_deleting_nothing_is_no_fault(self, store: Store) -> None:
        assert store.delete([]) == 0
        assert store.delete(["nothing", "no/thing"]) == 0

    def test_deleting_twice_counts_once(self, store: Store) -> None:
        fill(store, "a")
        assert store.delete(["a"]) == 1
        assert store.delete(["a"]) == 0

    def test_a_key_named_twice_is_deleted_once(self, store: Store) -> None:
        fill(store, "a", "b")
        assert store.delete(["a", "a"]) == 1
        assert keys(store) == ["b"]

    def test_deletes_many_at_once(self, store: Store) -> None:
        names = [f"slot{number % 5}/{number}" for number in range(60)]
        fill(store, *names, "left")
        assert store.delete(iter(names)) == 60
        assert keys(store) == ["left"]

    def test_deleting_a_folder_deletes_nothing(self, store: Store) -> None:
        fill(store, "slot/a")
        assert store.delete(["slot"]) == 0
        assert keys(store) == ["slot/a"]

    def test_a_neighbour_with_the_same_beginning_stays(self, store: Store) -> None:
        fill(store, "slot", "slot2", "slots/a")
        assert store.delete(["slot"]) == 1
        assert keys(store) == ["slot2", "slots/a"]

    def test_a_name_can_be_used_again_after_a_delete(self, store: Store) -> None:
        fill(store, "a/b/c")
        store.delete(["a/b/c"])
        store.write("a/b/c", b"again")
        assert data_of(store, "a/b/c") == b"again"

    def test_deletes_at_a_version(self, store: Store) -> None:
        version = store.write("a", b"data")
        assert store.delete(["a"], {"a": version}) == 1
        assert data_of(store, "a") is None

    def test_a_stale_version_is_not_deleted(self, store: Store) -> None:
        stale = store.write("a", b"first")
        store.write("a", b"second")
        assert store.delete(["a"], {"a": stale}) == 0
        assert data_of(store, "a") == b"second"

    def test_a_version_made_stale_by_another_program_is_not_deleted(self, store: Store) -> None:
        stale = store.write("a", b"ours..")
        self.raw_write(store, "a", b"theirs")
        assert store.delete(["a"], {"a": stale}) == 0
        assert self.raw_read(store, "a") == b"theirs"

    def test_a_version_of_nothing_deletes_nothing(self, store: Store) -> None:
        assert store.delete(["a"], {"a": "made up"}) == 0

    def test_only_named_keys_mind_their_version(self, store: Store) -> None:
        fill(store, "a", "b", "c")
        stale = {"a": "made up", "c": "not asked for"}
        assert store.delete(["a", "b"], stale) == 1
        assert keys(store) == ["a", "c"]
