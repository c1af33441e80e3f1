"""Checks: listing without every detail. For stores that are `SupportsOutline`."""

from __future__ import annotations

import pytest

from datasete.plugin import Entry, InvalidInput, Listing, Store, outline_of
from datasete.testing._suite import ORDERED_KEYS, Suite, fill, keys

SLOTS = [f"slot {number}/{file}" for number in range(5) for file in ("image.png", "mask.png", "more/image.png")]


def outlined(store: Store, name: str, without: str = "", after: str = "", limit: int = 1000) -> Listing:
    """The store's answer; fails where `outline_of` finds no method."""
    outline = outline_of(store)
    assert outline is not None, "the store has no method outline in its class"
    return outline(name, without, after, limit)


class OutlineChecks(Suite):
    """All keys of a listing, with details at least for files of one name."""

    @pytest.mark.parametrize("name", ["", "image.png", "a", "/", "../a"])
    def test_it_lists_the_keys_of_a_listing(self, store: Store, name: str) -> None:
        fill(store, *ORDERED_KEYS, *SLOTS)
        assert [entry.key for entry in outlined(store, name).entries] == keys(store)

    def test_what_is_named_is_complete_and_nothing_is_wrong_about_the_rest(self, store: Store) -> None:
        fill(store, *SLOTS)
        listed = {entry.key: entry for entry in store.list().entries}
        for entry in outlined(store, "image.png").entries:
            bare = () if entry.key.endswith("/image.png") else (Entry(entry.key, 0, 0.0),)
            assert entry in (listed[entry.key], *bare)

    @pytest.mark.parametrize(
        "without", ["a", "slot 1", "slot 1/more", ".hidden", "ba/x", "nothing", "slot", "../a", "b"]
    )
    def test_a_folder_is_left_out_and_nothing_else(self, store: Store, without: str) -> None:
        fill(store, *ORDERED_KEYS, *SLOTS)
        found = [entry.key for entry in outlined(store, "image.png", without).entries]
        assert found == [key for key in keys(store) if not key.startswith(f"{without}/")]

    def test_it_is_paged_as_a_listing_is(self, store: Store) -> None:
        fill(store, *SLOTS)
        for limit in (1, 4, len(SLOTS), len(SLOTS) + 1):
            page, again = store.list("", "slot 1", limit), outlined(store, "image.png", "", "slot 1", limit)
            assert ([entry.key for entry in again.entries], again.next) == ([e.key for e in page.entries], page.next)

    def test_what_another_program_writes_is_told(self, store: Store) -> None:
        store.write("slot/image.png", b"1")
        self.raw_write(store, "slot/image.png", b"by hand")
        assert outlined(store, "image.png").entries == store.list().entries

    def test_a_page_of_nothing_is_refused(self, store: Store) -> None:
        with pytest.raises(InvalidInput):
            outlined(store, "image.png", limit=0)
