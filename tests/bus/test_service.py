"""What the bus promises to nodes, routes and the command line."""

import pytest
from slot_pictures import bus_over, mask, picture, shade, shades, state, storage_over, token
from slot_stores import local_store

from datasete.config import LimitSettings
from datasete.errors import CorruptData, InvalidInput, InvalidName, NotFound, TooLarge


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

    def test_a_publish_returns_its_slot_and_token(self, bus):
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
    def test_a_broken_file_is_reported_with_the_slot_s_name_and_left_alone(self, store, bad, file):
        bus = bus_over(store)
        bus.publish("cp1", [picture(1)])
        store.write(f"cp1/{file}", bad)
        with pytest.raises(CorruptData, match="cp1"):
            bus.load("cp1")
        assert store.read([f"cp1/{file}"])[f"cp1/{file}"].data == bad

    def test_a_token_in_a_picture_from_elsewhere_does_not_become_a_path(self, store):
        from datasete.imaging.seal import Seal, seal

        store.write("cp1/image.png", seal(picture(1), Seal("elsewhere", None, 3)))
        loaded = bus_over(store).load("cp1")
        assert (shades(loaded), loaded.token) == (([1], []), "")
