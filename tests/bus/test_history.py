"""Earlier versions of a slot."""

import itertools
import json

import pytest
from slot_pictures import bus_over, edited, mask, picture, shade, shades

from datasete.bus.history import archive_committed
from datasete.errors import NotFound
from datasete.imaging.chunks import iter_chunks, make_text_chunk
from datasete.plugin import ANY


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


class AClock:
    """A store whose clock is wrong: each file says it was written when `times` say."""

    def __init__(self, inner, times):
        self.inner, self.times, self.written = inner, iter(times), {}

    def write(self, key, data, when=ANY):
        return self._stamped(key, self.inner.write(key, data, when))

    def copy(self, source, target, version=None):
        return self._stamped(target, self.inner.copy(source, target, version))

    def list(self, prefix="", after="", limit=1000):
        page = self.inner.list(prefix, after, limit)
        entries = [entry._replace(modified=self.written.get(entry.key, entry.modified)) for entry in page.entries]
        return type(page)(tuple(entries), page.next)

    def _stamped(self, key, version):
        self.written[key] = next(self.times)
        return version

    def __getattr__(self, name):
        return getattr(self.inner, name)


NOON = 1_800_000_000.0
CLOCKS = {
    "goes back": lambda: (NOON - step for step in itertools.count()),
    "stands still": lambda: itertools.repeat(NOON),
    "jumps": lambda: (NOON + 30 * (step % 3 - 1) for step in itertools.count()),
}


@pytest.fixture(params=CLOCKS)
def times(request):
    return CLOCKS[request.param]


class TestWrongClocks:
    """The history is in the order of the publishes, whatever the clocks of publishers and store say."""

    def bus(self, store, times, **kind):
        clock = times()
        return bus_over(store, clock=lambda: next(clock), **kind)

    @pytest.mark.parametrize("history", [1, 2, 5])
    def test_the_last_few_publishes_are_kept_in_order(self, store, times, history):
        bus = self.bus(AClock(store, times()), times, history=history)
        for number in range(8):
            bus.publish("cp1", [picture(number)])
        assert kept(bus) == [6, 5, 4, 3, 2, 1, 0][:history]

    def test_so_are_those_of_two_hosts(self, store):
        there = AClock(store, itertools.count(int(NOON)))
        hosts = [
            bus_over(AClock(there, itertools.repeat(NOON + lead)), clock=lambda lead=lead: NOON + lead, history=3)
            for lead in (0.0, 30.0)
        ]
        for number in range(8):
            hosts[number % 2].publish("cp1", [picture(number)])
        assert kept(hosts[0]) == kept(hosts[1]) == [6, 5, 4]

    def test_so_are_edits_by_hand(self, store, times):
        bus = self.bus(AClock(store, times()), times)
        for number, keep_chunk in ((1, True), (2, False), (3, True)):
            bus.publish("cp1", [picture(number)])
            key = "cp1/image.png"
            store.write(key, edited(store.read([key])[key].data, number + 100, keep_chunk=keep_chunk))
        bus.publish("cp1", [picture(4)])
        assert kept(bus) == [103, 3, 102, 2, 101, 1]

    def test_so_are_versions_from_before_a_removal(self, store, times):
        bus = self.bus(AClock(store, times()), times)
        for number in (1, 2):
            bus.publish("cp1", [picture(number)])
        bus.restore("cp1", bus.remove("cp1"))
        bus.publish("cp1", [picture(3)])
        assert kept(bus) == [2, 2, 1]

    def test_an_edit_saved_over_a_later_publish_is_the_newest(self, store, times):
        bus = self.bus(AClock(store, times()), times, history=2)
        bus.publish("cp1", [picture(1)])
        opened = store.read(["cp1/image.png"])["cp1/image.png"].data
        for number in (2, 3, 4):
            bus.publish("cp1", [picture(number)])
        store.write("cp1/image.png", edited(opened, 101, keep_chunk=True))
        for number in (5, 6):
            bus.publish("cp1", [picture(number)])
        assert kept(bus)[:2] == [5, 101]

    def test_an_old_version_that_was_copied_back_by_hand_is_the_newest(self, store, times):
        bus = self.bus(AClock(store, times()), times, history=3)
        old = bus.publish("cp1", [picture(1)]).token
        for number in (2, 3):
            bus.publish("cp1", [picture(number)])
        store.copy(f".versions/cp1/{old}/image.png", "cp1/image.png")
        bus.publish("cp1", [picture(4)])
        assert kept(bus) == [1, 3, 2]

    def test_the_picture_of_another_slot_counts_where_it_was_copied_to(self, store, times):
        bus = self.bus(AClock(store, times()), times, history=2)
        bus.publish("other", [picture(9)])
        for number in (1, 2, 3):
            bus.publish("cp1", [picture(number)])
        for file in ("image.png", "mask.png"):
            store.copy(f"other/{file}", f"cp1/{file}")
        for number in (4, 5):
            bus.publish("cp1", [picture(number)])
        assert kept(bus) == [4, 9]

    def test_a_history_from_before_there_were_numbers_is_the_older_one(self, store):
        there = AClock(store, itertools.count(int(NOON)))
        for number in (1, 2, 3):
            bus_over(there, history=3).publish("cp1", [picture(number)])
        forget_numbers(store)
        there.times = itertools.repeat(NOON - 1000)
        later = bus_over(there, history=3)
        assert kept(later) == [2, 1]
        later.publish("cp1", [picture(4)])
        assert kept(later) == [3, 2, 1]
        later.publish("cp1", [picture(5)])
        later.publish("cp1", [picture(6)])
        assert kept(later) == [5, 4, 3]

    @pytest.mark.parametrize("number", [10**12 - 1, 10**12, 10**30, -1, 1.5, True, None, "7", [7]])
    def test_a_strange_number_in_a_seal_stops_nothing(self, store, number):
        bus = bus_over(store, history=3)
        for shade_ in (1, 2):
            bus.publish("cp1", [picture(shade_)])
        with_number(store, "cp1/image.png", number)
        for shade_ in (3, 4):
            bus.publish("cp1", [picture(shade_)])
        assert kept(bus) == [3, 2, 1]


def test_nothing_is_left_of_the_order_of_a_slot_that_was_deleted(store):
    bus = bus_over(store)
    for number in (1, 2, 3):
        bus.publish("cp1", [picture(number)])
    bus.delete("cp1")
    assert not store.list("", "", 100).entries


def test_notes_go_with_their_versions(store):
    bus = bus_over(store, history=2)
    for number in range(9):
        bus.publish("cp1", [picture(number)])
    notes = [entry.key for entry in store.list(".versions/cp1/order/", "", 100).entries]
    assert len(notes) == 3


def kept(bus):
    return [shade(bus.version("cp1", line.version).images[0]) for line in bus.history("cp1")]


def forget_numbers(store):
    """Leave the slot as a program did that knew no numbers."""
    for entry in store.list("", "", 100).entries:
        if "/order/" in entry.key:
            store.delete([entry.key])
        elif entry.key.endswith("/image.png"):
            with_number(store, entry.key, 0)


def with_number(store, key, number):
    """Write another number into the seal of a picture, as another program might."""
    data = store.read([key])[key].data
    chunks = [data[chunk.start - 8 : chunk.end + 4] for chunk in iter_chunks(data)]
    text = next(chunk for chunk in iter_chunks(data) if data[chunk.start : chunk.start + 9] == b"datasete\0")
    fields = json.loads(data[text.start + 9 : text.end])
    fields["number"] = number
    chunks[1] = make_text_chunk("datasete", json.dumps(fields))
    store.write(key, data[:8] + b"".join(chunks))


class Counting:
    """A store that counts its copies."""

    def __init__(self, inner):
        self.inner, self.copied = inner, []

    def copy(self, source, target, version=None):
        self.copied.append(target)
        return self.inner.copy(source, target, version)

    def __getattr__(self, name):
        return getattr(self.inner, name)


def test_an_original_whose_copy_exists_is_not_copied_again(store):
    counting = Counting(store)
    bus = bus_over(counting)
    token = bus.publish("cp1", [picture(1)]).token
    bus.publish("cp1", [picture(2)])
    originals = [target for target in counting.copied if token in target and target.endswith("image.png")]
    assert len(originals) == 1
    assert shade(bus.version("cp1", token).images[0]) == 1


def test_an_original_that_another_writer_has_copied_already_is_left_to_it(store):
    counting = Counting(store)
    bus = bus_over(counting)
    token = bus.publish("cp1", [picture(1)]).token
    version = store.read(["cp1/image.png"])["cp1/image.png"].version
    for _ in range(2):  # whether the copy was made in the background or not
        archive_committed(bus._context, "cp1", token, 1, version)
    assert sum(token in target and target.endswith("image.png") for target in counting.copied) == 1
