"""The first frame of a slot, without the rest."""

import pytest
from slot_pictures import bus_over, picture, shade

from datasete.errors import CorruptData, NotFound


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
    def test_it_is_the_first_picture_and_says_how_many_there_are(self, bus):
        bus.publish("cp1", [picture(1), picture(2), picture(3)])
        first_frame = bus.first_frame("CP1")
        assert (first_frame.name, shade(first_frame.image), first_frame.frames) == ("cp1", 1, 3)

    def test_a_version_has_one_as_well(self, bus):
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
