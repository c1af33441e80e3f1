"""Checks: listing, its order, its pages and where it resumes."""

from __future__ import annotations

import time

import pytest

from datasete.plugin import Entry, InvalidInput, Store
from datasete.testing._suite import ORDERED_KEYS, Suite, everything, fill, keys, version_of

CLOCK_SKEW = 120.0


class ListingChecks(Suite):
    """Keys in code point order, from any start, in pages of any size."""

    def test_entries_tell_key_size_time_and_version(self, store: Store) -> None:
        store.write("slot/image.png", b"12345")
        (entry,) = store.list().entries
        assert isinstance(entry, Entry)
        assert (entry.key, entry.size) == ("slot/image.png", 5)
        assert abs(entry.modified - time.time()) < CLOCK_SKEW
        assert entry.version in ("", version_of(store, "slot/image.png"))

    def test_lists_keys_of_all_depths_and_no_folders(self, store: Store) -> None:
        fill(store, "a", "b/c", "b/d/e", "b/d/f/g")
        assert keys(store) == ["a", "b/c", "b/d/e", "b/d/f/g"]

    def test_order_is_by_code_points_of_the_whole_key(self, store: Store) -> None:
        fill(store, *reversed(ORDERED_KEYS))
        assert keys(store) == sorted(ORDERED_KEYS) == list(ORDERED_KEYS)

    def test_capitals_come_before_small_letters(self, store: Store) -> None:
        fill(store, "b", "a", "C", "D/x", "e/x")
        assert keys(store) == ["C", "D/x", "a", "b", "e/x"]

    def test_lists_what_another_program_wrote(self, store: Store) -> None:
        self.raw_write(store, "slot/image.png", b"by hand")
        assert [(entry.key, entry.size) for entry in store.list().entries] == [("slot/image.png", 7)]

    def test_a_listing_is_never_stale(self, store: Store) -> None:
        store.write("a", b"1")
        assert keys(store) == ["a"]
        self.raw_write(store, "b", b"2")
        assert keys(store) == ["a", "b"]
        store.delete(["a"])
        assert keys(store) == ["b"]

    def test_another_handle_lists_a_write(self, store: Store, peer: Store) -> None:
        assert keys(peer) == []
        store.write("a", b"1")
        assert keys(peer) == ["a"]

    def test_a_replaced_key_is_listed_once_with_its_new_size(self, store: Store) -> None:
        store.write("a", b"1")
        store.write("a", b"123")
        assert [(entry.key, entry.size) for entry in store.list().entries] == [("a", 3)]

    def test_pages_of_every_size_add_up(self, store: Store) -> None:
        fill(store, *ORDERED_KEYS)
        for limit in range(1, len(ORDERED_KEYS) + 3):
            assert keys(store, limit=limit) == list(ORDERED_KEYS), f"pages of {limit}"

    def test_a_full_page_says_where_to_go_on(self, store: Store) -> None:
        fill(store, "a", "b", "c")
        listing = store.list(limit=2)
        assert [entry.key for entry in listing.entries] == ["a", "b"][: len(listing.entries)]
        assert listing.next is not None

    def test_the_last_page_says_so(self, store: Store) -> None:
        fill(store, "a", "b")
        assert store.list(limit=100).next is None

    def test_begins_behind_any_text(self, store: Store) -> None:
        fill(store, *ORDERED_KEYS)
        for after in (*ORDERED_KEYS, "", "0", "a/", "a/b/", "a/zzz", "aa", "b/", "ba/x", "\U0010ffff", " "):
            found = [entry.key for entry in store.list(after=after).entries]
            assert found == [key for key in ORDERED_KEYS if key > after], f"behind {after!r}"

    def test_skips_a_whole_folder(self, store: Store) -> None:
        fill(store, "a/1", "a/2", "a/3/4", "b/1")
        assert [entry.key for entry in store.list(after="a/\U0010ffff").entries] == ["b/1"]

    def test_a_prefix_is_the_beginning_of_a_key(self, store: Store) -> None:
        names = ["a", "ab/c", "ab/cd", "abc", "b/a"]
        fill(store, *names)
        for prefix in ("", "a", "ab", "ab/", "ab/c", "ab/cd", "ab/cd/", "b", "nothing/", "no/such/folder/"):
            assert keys(store, prefix) == [name for name in names if name.startswith(prefix)], f"with {prefix!r}"

    def test_a_prefix_minds_case(self, store: Store) -> None:
        fill(store, "Abc/x", "b")
        assert keys(store, "Abc/") == ["Abc/x"]
        assert keys(store, "A") == ["Abc/x"]

    def test_prefix_and_place_work_together(self, store: Store) -> None:
        names = ["s", "slot/a", "slot/b", "slot/c/d", "slot2/a", "t"]
        fill(store, *names)
        for after in ("", "slot", "slot/", "slot/a", "slot/b", "slot/c", "slot/z", "slou", "sl", "t"):
            found = [entry.key for entry in store.list("slot/", after).entries]
            assert found == [name for name in names if name.startswith("slot/") and name > after], f"behind {after!r}"

    def test_a_prefix_is_paged(self, store: Store) -> None:
        names = [f"slot/{number:02d}" for number in range(7)]
        fill(store, *names, "a", "z")
        for limit in (1, 2, 3, 7, 8):
            assert keys(store, "slot/", limit) == names, f"pages of {limit}"

    @pytest.mark.parametrize("prefix", ["../", "a/../", "/", "a//b", "a\\..\\"])
    def test_a_prefix_never_leads_outside(self, store: Store, prefix: str) -> None:
        fill(store, "a/b")
        try:
            listing = store.list(prefix)
        except InvalidInput:
            return
        assert listing.entries == ()

    def test_hundreds_of_keys_are_listed_completely(self, store: Store) -> None:
        names = sorted(f"slot {number % 40}/{number}.bin" for number in range(240))
        fill(store, *names)
        assert keys(store, limit=100) == names

    def test_a_deleted_key_between_pages_hides_no_other(self, store: Store) -> None:
        fill(store, *"abcdef")
        first = store.list(limit=2)
        assert first.next is not None
        store.delete([first.next])
        rest = store.list(after=first.next)
        assert {entry.key for entry in (*first.entries, *rest.entries)} == set("abcdef")

    def test_a_listing_agrees_with_reading(self, store: Store) -> None:
        fill(store, *ORDERED_KEYS)
        entries = everything(store)
        blobs = store.read(entry.key for entry in entries)
        assert {entry.key: entry.size for entry in entries} == {key: len(blob.data) for key, blob in blobs.items()}
