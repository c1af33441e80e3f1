"""Checks: reading and writing single keys, versions, times, and the two back doors."""

from __future__ import annotations

import array
import time

import pytest

from datasete.plugin import Blob, Capabilities, InvalidInput, Store
from datasete.testing._suite import EDGE_KEYS, Suite, data_of, version_of

BIG = 12 * 1024 * 1024 + 7
CLOCK_SKEW = 120.0


class BasicChecks(Suite):
    """One key at a time."""

    def test_is_a_store(self, store: Store) -> None:
        assert isinstance(store, Store)

    def test_capabilities_are_the_same_every_time(self, store: Store) -> None:
        assert isinstance(store.capabilities, Capabilities)
        assert store.capabilities == store.capabilities

    def test_a_new_store_is_empty(self, store: Store) -> None:
        listing = store.list()
        assert listing.entries == ()
        assert listing.next is None

    def test_a_missing_key_is_absent_and_no_fault(self, store: Store) -> None:
        assert dict(store.read(["nothing/here.png"])) == {}

    def test_reading_no_keys_gives_nothing(self, store: Store) -> None:
        assert dict(store.read([])) == {}

    def test_reads_what_was_written(self, store: Store) -> None:
        store.write("slot/image.png", b"picture")
        assert data_of(store, "slot/image.png") == b"picture"

    def test_a_write_is_found_behind_the_store(self, store: Store) -> None:
        store.write("slot/image.png", b"picture")
        assert self.raw_read(store, "slot/image.png") == b"picture"

    def test_a_write_replaces(self, store: Store) -> None:
        store.write("slot/image.png", b"a longer first content")
        store.write("slot/image.png", b"second")
        assert data_of(store, "slot/image.png") == b"second"
        assert self.raw_read(store, "slot/image.png") == b"second"

    def test_what_another_program_writes_is_read(self, store: Store) -> None:
        self.raw_write(store, "slot/image.png", b"by hand")
        assert data_of(store, "slot/image.png") == b"by hand"

    def test_what_another_program_replaces_is_read(self, store: Store) -> None:
        store.write("slot/image.png", b"ours")
        assert data_of(store, "slot/image.png") == b"ours"
        self.raw_write(store, "slot/image.png", b"theirs")
        assert data_of(store, "slot/image.png") == b"theirs"

    def test_another_handle_sees_a_write(self, store: Store, peer: Store) -> None:
        assert data_of(peer, "slot/image.png") is None
        store.write("slot/image.png", b"picture")
        assert data_of(peer, "slot/image.png") == b"picture"

    def test_an_empty_blob_exists(self, store: Store) -> None:
        store.write("empty", b"")
        assert store.read(["empty"])["empty"].data == b""

    def test_a_big_blob_comes_back_whole(self, store: Store) -> None:
        data = bytes(range(251)) * (BIG // 251 + 1)
        store.write("big", data)
        assert data_of(store, "big") == data

    def test_a_big_blob_is_replaced_by_a_small_one(self, store: Store) -> None:
        store.write("big", b"x" * BIG)
        store.write("big", b"small")
        assert data_of(store, "big") == b"small"

    def test_every_byte_value_survives(self, store: Store) -> None:
        data = bytes(range(256)) + b"\r\n\n\r\0\x1a"
        store.write("bytes", data)
        assert data_of(store, "bytes") == data

    @pytest.mark.parametrize(
        "data",
        [
            bytearray(b"data"),
            memoryview(b"data"),
            memoryview(b"..data..")[2:6],
            memoryview(bytearray(b"data")),
            array.array("B", b"data"),
            memoryview(array.array("H", b"data")),
        ],
        ids=["bytearray", "memoryview", "slice", "writable", "array", "wide items"],
    )
    def test_takes_any_bytes_like_object(self, store: Store, data: bytes) -> None:
        store.write("key", data)
        assert data_of(store, "key") == b"data"

    def test_keeps_its_own_bytes_when_the_caller_changes_the_buffer(self, store: Store) -> None:
        buffer = bytearray(b"before")
        store.write("key", buffer)  # type: ignore[arg-type]
        buffer[:] = b"after!"
        assert data_of(store, "key") == b"before"

    def test_text_is_refused_and_nothing_is_written(self, store: Store) -> None:
        with pytest.raises((TypeError, InvalidInput)):
            store.write("key", "text")  # type: ignore[arg-type]
        assert data_of(store, "key") is None

    def test_blobs_carry_bytes_version_and_time(self, store: Store) -> None:
        store.write("key", b"data")
        blob = store.read(["key"])["key"]
        assert isinstance(blob, Blob)
        assert type(blob.data) is bytes
        assert isinstance(blob.version, str)
        assert blob.version
        assert isinstance(blob.modified, float)

    def test_the_time_is_about_now(self, store: Store) -> None:
        store.write("key", b"data")
        assert abs(store.read(["key"])["key"].modified - time.time()) < CLOCK_SKEW

    def test_write_returns_the_version_that_is_read(self, store: Store) -> None:
        assert store.write("key", b"data") == version_of(store, "key")

    def test_a_version_stays_while_nothing_is_written(self, store: Store) -> None:
        store.write("key", b"data")
        assert version_of(store, "key") == version_of(store, "key")

    def test_every_handle_gives_the_same_version(self, store: Store, peer: Store) -> None:
        assert store.write("key", b"data") == version_of(peer, "key")

    def test_a_version_changes_with_the_bytes(self, store: Store) -> None:
        versions = [store.write("key", b"data %02d" % number) for number in range(20)]
        assert len(set(versions)) == len(versions)

    def test_a_version_changes_when_another_program_writes(self, store: Store) -> None:
        before = store.write("key", b"ours!!")
        self.raw_write(store, "key", b"theirs")
        assert version_of(store, "key") != before

    def test_many_keys_are_read_at_once(self, store: Store) -> None:
        wanted = {f"slot{number}/image.png": b"%d" % number for number in range(30)}
        for key, data in wanted.items():
            store.write(key, data)
        assert {key: blob.data for key, blob in store.read(wanted).items()} == wanted

    def test_present_and_missing_keys_are_read_together(self, store: Store) -> None:
        store.write("here", b"1")
        store.write("there/too", b"2")
        found = store.read(["here", "nowhere", "there/too", "there/nothing", "nor/here"])
        assert {key: blob.data for key, blob in found.items()} == {"here": b"1", "there/too": b"2"}

    def test_a_key_named_twice_is_read_once(self, store: Store) -> None:
        store.write("key", b"data")
        assert [*store.read(["key", "key"])] == ["key"]

    def test_keys_may_come_from_an_iterator(self, store: Store) -> None:
        store.write("a", b"1")
        store.write("b", b"2")
        assert {*store.read(key for key in ("a", "b", "c"))} == {"a", "b"}

    def test_a_folder_is_not_a_key(self, store: Store) -> None:
        store.write("slot/image.png", b"picture")
        assert dict(store.read(["slot"])) == {}

    def test_nothing_lies_below_a_key(self, store: Store) -> None:
        store.write("slot", b"a file")
        assert dict(store.read(["slot/image.png"])) == {}

    @pytest.mark.parametrize("key", EDGE_KEYS)
    def test_keys_that_are_allowed_work(self, store: Store, key: str) -> None:
        version = store.write(key, b"data")
        assert data_of(store, key) == b"data"
        assert [(entry.key, entry.size) for entry in store.list().entries] == [(key, 4)]
        assert self.raw_read(store, key) == b"data"
        assert store.copy(key, "copy of it", version)
        assert store.delete([key]) == 1
        assert data_of(store, key) is None
