"""What the bus promises to nodes, routes and the command line."""

from dataclasses import replace

import pytest
from slot_pictures import bus_over, edited, mask, picture, shade, state, storage_over, token
from slot_stores import Plain, local_store, memory_store, store

from datasete.bus.context import BackgroundTasks, BusContext, ConditionalStorage
from datasete.bus.remove import forget_removed
from datasete.config import LimitSettings
from datasete.errors import CorruptData, InvalidInput, InvalidName, NotFound, TooLarge

__all__ = ["store"]


@pytest.fixture
def bus(store):
    return bus_over(store)


def shades(slot):
    return [shade(image) for image in slot.images], [shade(one) for one in slot.masks]


class TestPublishAndLoad:
    def test_what_was_published_comes_back(self, bus):
        bus.publish("cp1", [picture(10)], [mask(20)])
        assert shades(bus.load("cp1")) == ([10], [20])

    def test_every_frame_comes_back_with_its_own_mask(self, bus):
        bus.publish("cp1", [picture(n) for n in (1, 2, 3)], [mask(n) for n in (4, 5, 6)])
        assert shades(bus.load("cp1")) == ([1, 2, 3], [4, 5, 6])

    def test_the_newer_publish_replaces_the_older_one(self, bus):
        bus.publish("cp1", [picture(1), picture(2)], [mask(3), mask(4)])
        bus.publish("cp1", [picture(5)], [mask(6)])
        assert shades(bus.load("cp1")) == ([5], [6])

    def test_without_masks_nothing_is_painted(self, bus):
        bus.publish("cp1", [picture(1), picture(2)])
        assert shades(bus.load("cp1")) == ([1, 2], [0, 0])

    def test_the_pixels_are_not_touched(self, bus):
        original = picture(77)
        bus.publish("cp1", [original])
        loaded = bus.load("cp1").images[0]
        assert state(loaded) == "sealed"
        assert len(loaded) > len(original)
        assert original[33:] in loaded

    def test_what_people_see_are_two_ordinary_files(self, tmp_path):
        bus_over(local_store(tmp_path)).publish("cp1", [picture(1)], [mask(2)])
        assert shade((tmp_path / "cp1/image.png").read_bytes()) == 1
        assert shade((tmp_path / "cp1/mask.png").read_bytes()) == 2

    def test_a_publish_tells_its_slot_and_token(self, bus):
        first, second = bus.publish("cp1", [picture(1)]), bus.publish("cp1", [picture(2)])
        assert (first.slot, first.replaced, second.replaced) == ("cp1", False, True)
        assert token(bus.load("cp1").images[0]) == second.token == bus.load("cp1").token

    def test_observers_hear_of_each_commit_once(self, store):
        heard = []
        bus = bus_over(store, published=lambda *what: heard.append(what))
        done = bus.publish("cp1", [picture(1)])
        assert heard == [("cp1", done.token)]

    def test_an_observer_that_fails_fails_no_publish(self, store, caplog):
        def published(slot, version):
            raise RuntimeError("I am broken")

        bus_over(store, published=published).publish("cp1", [picture(1)])
        assert shades(bus_over(store).load("cp1")) == ([1], [0])
        assert "I am broken" in caplog.text

    def test_threads_do_what_follows_and_flush_waits_for_them(self, tmp_path):
        from datasete.bus import Bus

        bus = Bus(storage_over(local_store(tmp_path)))
        bus.publish("cp1", [picture(1), picture(2)], [mask(3), mask(4)])
        bus.flush()
        assert shade((tmp_path / "cp1/mask.png").read_bytes()) == 3
        bus.close()
        assert shades(bus_over(local_store(tmp_path)).load("cp1")) == ([1, 2], [3, 4])


class TestRefusals:
    @pytest.mark.parametrize("name", ["", "..", "a/b", "con", "a\\b", "x" * 65, " a", ".versions", "a\0b"])
    def test_a_name_that_is_no_name_reaches_no_store(self, bus, name):
        calls = [
            lambda: bus.publish(name, [picture(1)]),
            lambda: bus.load(name),
            lambda: bus.delete(name),
            lambda: bus.history(name),
            lambda: bus.restore(name, "0" * 32),
            lambda: bus.version(name, "0" * 32),
        ]
        for call in calls:
            with pytest.raises(InvalidName):
                call()
        assert bus.list() == []

    def test_a_slot_that_is_not_there_is_not_found(self, bus):
        for call in (bus.load, bus.history):
            with pytest.raises(NotFound, match="cp1"):
                call("cp1")
        assert not bus.delete("cp1")

    @pytest.mark.parametrize(("images", "masks"), [(0, 0), (2, 1), (1, 2)])
    def test_numbers_that_do_not_fit_are_refused(self, bus, images, masks):
        with pytest.raises(InvalidInput):
            bus.publish("cp1", [picture(1)] * images, [mask(1)] * masks)
        assert bus.list() == []

    @pytest.mark.parametrize("bad", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", picture(1)[:-9]])
    def test_what_is_no_picture_is_not_published(self, bus, bad):
        bus.publish("cp1", [picture(1)])
        with pytest.raises(InvalidInput):
            bus.publish("cp1", [bad])
        assert shades(bus.load("cp1")) == ([1], [0])

    def test_a_picture_over_the_limits_is_neither_published_nor_loaded(self, store):
        bus_over(store).publish("cp1", [picture(1)])
        small = bus_over(store, limits=LimitSettings(image_pixels=10))
        with pytest.raises(TooLarge):
            small.publish("cp2", [picture(1)])
        with pytest.raises(TooLarge, match="cp1"):
            small.load("cp1")

    @pytest.mark.parametrize("bad", [b"", b"no picture at all", picture(1)[:60], picture(1)[:-4]])
    @pytest.mark.parametrize("file", ["image.png", "mask.png"])
    def test_a_broken_file_is_told_by_the_slot_s_name_and_left_alone(self, store, bad, file):
        bus = bus_over(store)
        bus.publish("cp1", [picture(1)])
        store.write(f"cp1/{file}", bad)
        with pytest.raises(CorruptData, match="cp1"):
            bus.load("cp1")
        assert store.read([f"cp1/{file}"])[f"cp1/{file}"].data == bad

    def test_a_token_in_a_foreign_picture_becomes_no_path(self, store):
        from datasete.imaging.seal import Seal, seal

        store.write("cp1/image.png", seal(picture(1), Seal("elsewhere", None, 3)))
        loaded = bus_over(store).load("cp1")
        assert (shades(loaded), loaded.token) == (([1], []), "")


class TestNames:
    def test_another_spelling_is_the_same_slot(self, bus):
        bus.publish("cp1", [picture(1)])
        done = bus.publish("CP1", [picture(2)])
        assert (done.slot, done.replaced) == ("cp1", True)
        assert [slot.name for slot in bus.list()] == ["cp1"]
        assert shades(bus.load("Cp1")) == ([2], [0])
        assert len(bus.history("CP1")) == 1
        assert bus.delete("CP1")
        assert bus.list() == []

    def test_the_exact_name_wins_over_a_spelling(self, store):
        for number, name in enumerate(["cp1", "CP1", "cP1"]):
            store.write(f"{name}/image.png", picture(number))
        bus = bus_over(store)
        assert [shade(bus.load(name).images[0]) for name in ("cp1", "CP1", "cP1")] == [0, 1, 2]
        assert sorted(slot.name for slot in bus.list()) == ["CP1", "cP1", "cp1"]

    def test_letters_of_every_script_fold(self, bus):
        bus.publish("Straße", [picture(1)])
        assert bus.load("STRASSE").name == "Straße"

    def test_a_decomposed_name_is_the_composed_one(self, bus):
        bus.publish("cafe\u0301", [picture(1)])
        assert bus.list()[0].name == "caf\u00e9"

    def test_a_new_slot_leaves_nothing_of_its_misspelling(self, store):
        bus = bus_over(store)
        bus.publish("cp1", [picture(1)])
        bus.publish("CP1", [picture(2)])
        assert all("CP1" not in entry.key for entry in store.list().entries)


class TestList:
    def test_slots_come_in_natural_order(self, bus):
        for name in ("img10", "img2", "Img1", "a-b", "(x)"):
            bus.publish(name, [picture(1)])
        assert [slot.name for slot in bus.list()] == ["(x)", "a-b", "Img1", "img2", "img10"]

    def test_age_and_size_are_told(self, store):
        bus = bus_over(store)
        bus.publish("cp1", [picture(1)])
        blob = store.read(["cp1/image.png"])["cp1/image.png"]
        assert [(slot.modified, slot.size) for slot in bus.list()] == [(blob.modified, len(blob.data))]

    def test_what_is_no_slot_is_ignored_and_counted(self, store):
        bus = bus_over(store)
        bus.publish("cp1", [picture(1)])
        for key in ("notes.txt", "cp1/notes.txt", "deep/er/image.png", "con/image.png", "only/mask.png", ".DS_Store"):
            store.write(key, b"x")
        listed = bus.list_slots()
        assert [slot.name for slot in listed.slots] == ["cp1"]
        assert listed.foreign == 5  # a lone mask is what a deletion may leave

    def test_versions_are_never_walked(self, store):
        seen = []

        class Watched:
            capabilities = store.capabilities

            def list(self, prefix, after, limit):
                page = store.list(prefix, after, limit)
                seen.extend(entry.key for entry in page.entries)
                return page

        bus = bus_over(store, history=50)
        for number in range(40):
            bus.publish("cp1", [picture(number)])
        slots = bus_over(Watched()).list()
        assert [slot.name for slot in slots] == ["cp1"]
        assert sum(key.startswith(".versions/") for key in seen) <= 32

    def test_many_slots_on_both_sides_of_the_versions_are_all_listed(self, store):
        names = [f"({number})" for number in range(70)] + [f"n{number}" for number in range(70)]
        for name in names:
            store.write(f"{name}/image.png", b"x")
            store.write(f".versions/{name}/{'0' * 32}/image.png", b"x")
        assert [slot.name for slot in bus_over(store).list()] == names


class TestHistory:
    def test_what_was_replaced_is_there_newest_first(self, bus):
        tokens = [bus.publish("cp1", [picture(n)] * n).token for n in (1, 2, 3)]
        lines = bus.history("cp1")
        assert [line.version for line in lines] == [tokens[1], tokens[0]]
        assert [(line.frames, line.width, line.height, line.origin) for line in lines] == [
            (2, 8, 6, "publish"),
            (1, 8, 6, "publish"),
        ]

    def test_a_version_can_be_looked_at(self, bus):
        first = bus.publish("cp1", [picture(1), picture(2)], [mask(3), mask(4)])
        bus.publish("cp1", [picture(5)])
        assert shades(bus.version("cp1", first.token)) == ([1, 2], [3, 4])

    def test_a_restored_version_is_a_publish_of_its_own(self, bus):
        first = bus.publish("cp1", [picture(1), picture(2)], [mask(3), mask(4)])
        second = bus.publish("cp1", [picture(5)])
        restored = bus.restore("cp1", first.token)
        assert restored.token not in (first.token, second.token)
        assert shades(bus.load("cp1")) == ([1, 2], [3, 4])
        bus.publish("cp1", [picture(6)])
        assert [line.origin for line in bus.history("cp1")] == ["restore", "publish", "publish"]

    @pytest.mark.parametrize("version", ["", "../../x", "0" * 32, "hand-" + "0" * 32, "current"])
    def test_a_version_that_is_not_there_changes_nothing(self, bus, version):
        bus.publish("cp1", [picture(1)])
        with pytest.raises(NotFound):
            bus.restore("cp1", version)
        assert shades(bus.load("cp1")) == ([1], [0])

    @pytest.mark.parametrize("history", [0, 1, 3])
    def test_only_the_last_few_are_kept(self, store, history):
        bus = bus_over(store, history=history)
        for number in range(6):
            bus.publish("cp1", [picture(number)] * 2)
        kept = [shade(bus.version("cp1", line.version).images[0]) for line in bus.history("cp1")]
        assert kept == [4, 3, 2, 1, 0][:history]
        assert shades(bus.load("cp1")) == ([5, 5], [0, 0])


class Watched:
    """A real store that remembers what was read."""

    def __init__(self, inner):
        self.inner = inner
        self.keys = []

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def read(self, keys):
        keys = list(keys)
        self.keys += keys
        return self.inner.read(keys)


class TestFirstFrame:
    def test_a_cover_is_the_first_picture_and_says_how_many_there_are(self, bus):
        bus.publish("cp1", [picture(1), picture(2), picture(3)])
        first_frame = bus.first_frame("CP1")
        assert (first_frame.name, shade(first_frame.image), first_frame.frames) == ("cp1", 1, 3)

    def test_a_version_has_a_cover_as_well(self, bus):
        bus.publish("cp1", [picture(1), picture(2)])
        bus.publish("cp1", [picture(3)])
        bus.flush()
        [old] = bus.history("cp1")
        assert (shade(bus.first_frame("cp1", old.version).image), bus.first_frame("cp1", old.version).frames) == (1, 2)

    def test_it_changes_its_version_with_the_picture(self, bus):
        bus.publish("cp1", [picture(1)])
        before = bus.first_frame("cp1").version
        assert bus.first_frame("cp1").version == before
        bus.publish("cp1", [picture(2)])
        assert bus.first_frame("cp1").version != before

    def test_a_picture_that_was_put_there_by_hand_is_one_frame(self, store):
        store.write("cp1/image.png", picture(5))
        assert bus_over(store).first_frame("cp1").frames == 1

    @pytest.mark.parametrize("version", ["", "x", "../cp1", "0" * 32, "hand-" + "0" * 32])
    def test_what_is_not_there_is_not_found(self, bus, version):
        if version:
            bus.publish("cp1", [picture(1)])
        with pytest.raises(NotFound):
            bus.first_frame("cp1", version)

    def test_what_is_no_picture_is_named_and_left(self, store):
        store.write("cp1/image.png", b"no picture")
        with pytest.raises(CorruptData, match="cp1"):
            bus_over(store).first_frame("cp1")
        assert store.read(["cp1/image.png"])["cp1/image.png"].data == b"no picture"

    def test_it_reads_one_file(self, store):
        bus_over(store).publish("cp1", [picture(1), picture(2)])
        watched = Watched(store)
        bus_over(watched).first_frame("cp1")
        assert watched.keys == ["cp1/image.png"]


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


class TestStoresThatCanDoLess:
    def test_a_store_without_conditions_keeps_all_promises_to_one_writer(self):
        inner = memory_store()
        bus = bus_over(Plain(inner))
        first = bus.publish("cp1", [picture(1), picture(2)], [mask(3), mask(4)])
        inner.write("cp1/mask.png", edited(inner.read(["cp1/mask.png"])["cp1/mask.png"].data, 9, keep_chunk=True))
        assert shades(bus.load("cp1")) == ([1, 2], [9, 4])
        bus.publish("CP1", [picture(5)])
        assert shades(bus.load("cp1")) == ([5], [0])
        assert [line.origin for line in bus.history("cp1")] == ["edit", "publish"]
        bus.restore("cp1", first.token)
        assert shades(bus.load("cp1")) == ([1, 2], [3, 4])
        assert bus.delete("cp1")
        assert bus.list() == []
