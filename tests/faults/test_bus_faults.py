"""A store that fails at any call of any bus operation leaves the slot old or new, never a mixture."""

import errno
import itertools
from functools import cache

import pytest
from slot_pictures import bus_over, edited, mask, picture, shade
from slot_stores import local_store, memory_store, quick_folder

from datasete.errors import DataseteError, NotFound, StoreFull, StoreUnavailable
from datasete.plugin import outline_of

__all__ = ["quick_folder"]

SLOT = "cp1"
OLD, NEW, OLDER = 10, 20, 30

FAULTS = {
    "no answer, not done": (lambda: StoreUnavailable("The connection was cut."), False),
    "no answer, but done": (lambda: StoreUnavailable("The connection was cut."), True),
    "disk full": (lambda: OSError(errno.ENOSPC, "No space left on device"), False),
    "access refused": (lambda: PermissionError(errno.EACCES, "Permission denied"), False),
    "a plugin's own mistake": (lambda: KeyError("oops"), False),
    "a plugin's own mistake, but done": (lambda: KeyError("oops"), True),
}


class Failing:
    """A real store that fails at call number `at`, and then once or for ever."""

    def __init__(self, inner, at, fault, *, forever):
        self.inner, self.at, self.forever, self.calls = inner, at, forever, 0
        self.error, self.done = FAULTS[fault]

    capabilities = property(lambda self: self.inner.capabilities)

    def _call(self, name, *args):
        number, self.calls = self.calls, self.calls + 1
        if number < self.at or (number > self.at and not self.forever):
            return getattr(self.inner, name)(*args)
        if self.done:
            getattr(self.inner, name)(*args)
        raise self.error()

    def __getattr__(self, name):
        return lambda *args: self._call(name, *args)


class FailingToOutline(Failing):
    """The same over a store that has a method `outline`."""

    def outline(self, *where):
        return self._call("outline", *where)


def failing_over(store, *when, **kind):
    return (FailingToOutline if outline_of(store) else Failing)(store, *when, **kind)


@cache
def content(number):
    return [picture(number), picture(number + 1)], [mask(number + 100), mask(number + 101)]


def empty(store):
    pass


def published(store):
    bus = bus_over(store)
    bus.publish(SLOT, *content(OLDER))
    bus.publish(SLOT, *content(OLD))


def mask_painted(store):
    published(store)
    key = f"{SLOT}/mask.png"
    store.write(key, edited(store.read([key])[key].data, OLD + 103, keep_chunk=True))


def image_edited(store):
    published(store)
    key = f"{SLOT}/image.png"
    store.write(key, edited(store.read([key])[key].data, OLD + 3, keep_chunk=True))


def mask_stale(store):
    published(store)
    store.delete([f"{SLOT}/mask.png"])


def publish(bus):
    bus.publish(SLOT, *content(NEW))


def load(bus):
    bus.load(SLOT)


def delete(bus):
    bus.delete(SLOT)


def remove(bus):
    bus.remove(SLOT)


def restore(bus):
    bus.restore(SLOT, bus.history(SLOT)[-1].version)


def listing(bus):
    assert [slot.name for slot in bus.list()] == [SLOT]


CASES = {
    "publish, nothing there": (empty, publish, NEW),
    "publish, over a publish": (published, publish, NEW),
    "publish, over a painted mask": (mask_painted, publish, NEW),
    "publish, over an edited image": (image_edited, publish, NEW),
    "load": (published, load, OLD),
    "load, by hand": (mask_painted, load, OLD),
    "load, mask to be shown": (mask_stale, load, OLD),
    "delete": (published, delete, None),
    "remove": (published, remove, None),
    "restore": (published, restore, OLDER),
    "list": (published, listing, OLD),
}


def held(store):
    """The number of the publish that is there, whole; None when there is none."""
    try:
        slot = bus_over(store).load(SLOT)
    except NotFound:
        return None
    images, masks = [shade(one) for one in slot.images], [shade(one) for one in slot.masks]
    number = images[1] - 1
    assert images[0] in (number, OLD + 3), f"torn: {images} {masks}"
    assert masks[1] == number + 101, f"torn: {images} {masks}"
    assert masks[0] in (number + 100, OLD + 103), f"torn: {images} {masks}"
    assert masks[0] != OLD + 103 or number == OLD, f"a replaced mask came back: {images} {masks}"
    return number


def calls_of(prepare, operate, store):
    prepare(store)
    watched = failing_over(store, 10**9, "disk full", forever=False)
    operate(bus_over(watched))
    return watched.calls


def try_one(store, prepare, operate, after, at, fault, *, forever):
    """One case: the operation on a store that fails at call `at`; and then a healthy publish."""
    prepare(store)
    before = held(store)
    failing = failing_over(store, at, fault, forever=forever)
    try:
        operate(bus_over(failing))
        told = None
    except DataseteError as error:
        told = error
    now = held(store)
    assert now in (before, after)
    assert told is not None or now == after, "it said it was done"
    if isinstance(told, StoreFull) and not forever:
        assert now == before, "it said that the disk was full"
    bus_over(store).publish(SLOT, *content(50))
    assert held(store) == 50


@pytest.mark.parametrize("where", ["memory", "local"])
@pytest.mark.parametrize("case", CASES)
def test_old_or_new_whatever_fails_when(case, where, quick_folder, capsys, caplog):
    prepare, operate, after = CASES[case]
    numbers = itertools.count()

    def fresh():
        return memory_store() if where == "memory" else local_store(quick_folder / str(next(numbers)))

    calls, tried = calls_of(prepare, operate, fresh()), 0
    for at, fault, forever in itertools.product(range(calls), FAULTS, (False, True)):
        try_one(fresh(), prepare, operate, after, at, fault, forever=forever)
        tried += 1
        caplog.clear()
    with capsys.disabled():
        print(f"\n    {case}, {where}: {calls} calls, {tried} cases")
    assert tried == calls * len(FAULTS) * 2 > 0
