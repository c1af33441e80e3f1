"""Slots that are deleted for good, or removed and brought back."""

from dataclasses import replace

import pytest
from slot_pictures import bus_over, edited, mask, picture, shades, storage_over

from datasete.bus.context import BackgroundTasks, BusContext, ConditionalStorage
from datasete.bus.remove import forget_removed
from datasete.errors import NotFound


class TestDelete:
    def test_nothing_of_a_deleted_slot_stays(self, store):
        bus = bus_over(store)
        bus.publish("cp1", [picture(1)] * 2)
        bus.publish("cp1", [picture(2)])
        bus.publish("cp10", [picture(3)])
        assert bus.delete("cp1")
        assert {entry.key.removeprefix(".versions/").split("/")[0] for entry in store.list().entries} == {"cp10"}
        with pytest.raises(NotFound):
            bus.load("cp1")

    def test_a_slot_can_be_published_to_again(self, bus):
        bus.publish("cp1", [picture(1)])
        bus.delete("cp1")
        assert not bus.publish("cp1", [picture(2)]).replaced
        assert shades(bus.load("cp1")) == ([2], [0])
        assert bus.history("cp1") == []

    def test_what_a_crash_left_of_a_deletion_goes_with_the_next_one(self, store):
        bus = bus_over(store)
        bus.publish("cp1", [picture(1)])
        store.delete(["cp1/image.png"])
        assert not bus.delete("cp1")
        assert store.list().entries == ()


class TestRemove:
    def test_a_removed_slot_is_gone_and_comes_back_whole(self, bus):
        bus.publish("cp1", [picture(1)])
        bus.publish("cp1", [picture(2), picture(3)], [mask(4), mask(5)])
        version = bus.remove("CP1")
        assert bus.list() == []
        with pytest.raises(NotFound):
            bus.load("cp1")
        assert bus.history("cp1")[0].version == version
        assert bus.restore("cp1", version).slot == "cp1"
        assert shades(bus.load("cp1")) == ([2, 3], [4, 5])
        assert len(bus.history("cp1")) == 2

    @pytest.mark.parametrize("keep_chunk", [True, False])
    def test_edits_by_hand_come_back_too(self, store, keep_chunk):
        bus = bus_over(store)
        bus.publish("cp1", [picture(1)], [mask(2)])
        for file, new in (("image.png", 8), ("mask.png", 9)):
            there = store.read([f"cp1/{file}"])[f"cp1/{file}"].data
            store.write(f"cp1/{file}", edited(there, new, keep_chunk=keep_chunk))
        bus.restore("cp1", bus.remove("cp1"))
        assert shades(bus.load("cp1")) == ([8], [9])

    def test_what_is_not_there_cannot_be_removed(self, bus):
        assert bus.remove("cp1") is None
        bus.publish("cp1", [picture(1)])
        assert bus.remove("cp1")
        assert bus.remove("cp1") is None

    def test_nothing_of_it_is_shown_and_no_stranger_is_counted(self, store):
        bus = bus_over(store)
        bus.publish("cp1", [picture(1)])
        bus.remove("cp1")
        assert {entry.key.split("/")[0] for entry in store.list().entries} == {".versions"}
        assert bus.list_slots().foreign == 0

    def test_a_bus_without_history_deletes(self, store):
        bus = bus_over(store, history=0)
        bus.publish("cp1", [picture(1)])
        assert bus.remove("cp1") == ""
        assert bus.remove("cp1") is None
        assert store.list().entries == ()

    def test_it_goes_for_good_after_a_week_with_the_next_removal(self, store):
        bus = bus_over(store)
        for name in ("old", "back", "new"):
            bus.publish(name, [picture(1)])
        bus.remove("old")
        bus.restore("back", bus.remove("back"))
        assert forget_removed(context_over(Aged(store, "old", "back"))) == 0  # beside the newest note neither is old
        bus.remove("new")
        assert forget_removed(context_over(Aged(store, "old", "back"))) == 1
        assert shades(bus.load("back")) == ([1], [0])
        assert [len(bus.history(name)) for name in ("back", "new")] == [1, 1]
        with pytest.raises(NotFound):
            bus.history("old")
        assert [entry.key for entry in store.list(".versions/.removed/").entries] == [".versions/.removed/new"]

    def test_a_slot_can_be_published_to_again(self, bus):
        bus.publish("cp1", [picture(1)])
        bus.remove("cp1")
        assert not bus.publish("cp1", [picture(2)]).replaced
        assert shades(bus.load("cp1")) == ([2], [0])
        assert len(bus.history("cp1")) == 1


class Aged:
    """A store on which some slots were removed eight days earlier than they were."""

    def __init__(self, inner, *slots):
        self.inner, self.keys = inner, {f".versions/.removed/{slot}" for slot in slots}

    def list(self, prefix="", after="", limit=1000):
        found = self.inner.list(prefix, after, limit)
        moved = (entry._replace(modified=self.earlier(entry.key, entry.modified)) for entry in found.entries)
        return replace(found, entries=tuple(moved))

    def read(self, keys):
        found = self.inner.read(keys).items()
        return {key: replace(blob, modified=self.earlier(key, blob.modified)) for key, blob in found}

    def earlier(self, key, modified):
        return modified - 8 * 24 * 3600 if key in self.keys else modified

    def __getattr__(self, name):
        return getattr(self.inner, name)


def context_over(store):
    storage = storage_over(store)
    return BusContext(storage, ConditionalStorage(storage), BackgroundTasks())
