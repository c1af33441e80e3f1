"""Stores that can do less than the bus would like."""

from slot_pictures import bus_over, edited, mask, picture, shades
from slot_stores import Plain, memory_store


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
