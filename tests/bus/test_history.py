"""Earlier versions of a slot."""

import pytest
from slot_pictures import bus_over, mask, picture, shade, shades

from datasete.errors import NotFound


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
