"""The scenarios of the model, played by the real code on a real store, one storage call at a time."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from slot_interleaver import Call, Stepwise, Turns
from slot_pictures import AtOnce, edited, mask, picture, shade, state, storage_over, token

from datasete.bus import Bus, Slot
from datasete.errors import NotFound, StoreUnavailable
from datasete.plugin import ANY

SLOT = "cp1"
PUBLISHERS = ("publisher", "unlucky", "luckless")
OLD, FIRST = 10, 30
MASK_EDIT = 250
IMAGE_EDIT = 240


@cache
def content(number: int) -> tuple[list[bytes], list[bytes]]:
    """Two frames and their masks, whose shades tell the publish."""
    return [picture(number), picture(number + 1)], [mask(number + 100), mask(number + 101)]


class Deferred(AtOnce):
    """Keeps what follows a commit until the acknowledgement has been noted."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs: list[Callable[[], object]] = []

    def defer(self, what, job):
        self.jobs.append(job)

    def work_off(self) -> None:
        while self.jobs:
            self.jobs.pop(0)()


@dataclass
class Notes:
    """What happened in a run, in the order of calls."""

    step: int = 0
    looked: dict[str, int] = field(default_factory=dict)
    commits: list[str] = field(default_factory=lambda: ["first"])
    seen_before: dict[str, int] = field(default_factory=lambda: {"first": -1})
    replaced_at: dict[str, int] = field(default_factory=dict)
    acknowledged: list[str] = field(default_factory=list)
    edits: dict[int, int] = field(default_factory=dict)
    readings: list[Slot | None] = field(default_factory=list)
    painted_over: set[str] = field(default_factory=set)
    deleted: bool = False
    log: list[str] = field(default_factory=list)

    def watch(self, name: str, call: Call, result: object) -> None:
        self.step += 1
        self.log.append(f"{name}: {call.name} {' '.join((*call.reads, *call.writes))}")
        image = f"{SLOT}/image.png"
        if call.name == "read" and image in call.reads:
            self.looked[name] = self.step
        if call.name == "write" and image in call.writes:
            self.replaced_at[self.commits[-1]] = self.step
            self.commits.append(name)
            self.seen_before[name] = self.looked[name]
        if call.name == "delete" and image in call.writes and result:
            self.deleted = True


class LosesAnswer:
    """A store that gives no answer to the first commit, whether or not it took place."""

    def __init__(self, inner: Stepwise, *, done: bool) -> None:
        self.inner, self.done, self.lost = inner, done, False

    def write(self, key, data, when=ANY):
        if self.lost or key != f"{SLOT}/image.png":
            return self.inner.write(key, data, when)
        self.lost = True
        if self.done:
            self.inner.write(key, data, when)
        raise StoreUnavailable("The connection was cut.")

    def __getattr__(self, name):
        return getattr(self.inner, name)


class Play:
    """One run: a slot that was published to, and the actors that meet there.

    Args:
        store: an empty one.
        roles: who meets: ``publisher``, ``unlucky`` and ``luckless`` (publishers whose first commit gets no answer, and
            took place, or did not), ``reader``, ``deleter``, ``remover`` (deletes and keeps the
            history), ``restorer``, and by hand ``masker`` (edits the mask),
            ``painter`` (edits the image and keeps its chunk) and ``dropper`` (drops it).
        history: how many versions are kept; few makes the pruner busy.
        apart: whether others may come in between the two files of one read.
    """

    def __init__(self, store, roles: tuple[str, ...], *, history: int = 5, apart: bool = False) -> None:
        self.store = store
        self.history = history
        self.stepwise = Stepwise(store, apart=apart)
        self.notes = Notes()
        ticks = itertools.count(1_800_000_000, -1)  # a clock that goes back
        self.clock = lambda: float(next(ticks))
        names = [f"{role} {number}" if roles.count(role) > 1 else role for number, role in enumerate(roles)]
        self.numbers = {name: FIRST + 20 * (place + 1) for place, name in enumerate(names)}
        self.numbers |= {"first": FIRST, "restorer": OLD}
        self._prepare("restorer" in roles)
        self.turns = Turns({name: self._work(name) for name in names}, self.notes.watch)
        self.stepwise.turns = self.turns
        self.turns.begin()

    def _prepare(self, restorer: bool) -> None:
        bus = self.bus(self.store)
        if restorer:
            self.old = bus.publish(SLOT, *content(OLD)).token
        bus.publish(SLOT, *content(FIRST))

    def bus(self, store, tasks=None) -> Bus:
        return Bus(storage_over(store), history=self.history, clock=self.clock, tasks=tasks or AtOnce())

    def _work(self, name: str) -> Callable[[], object]:
        tasks = Deferred()
        role = name.split(maxsplit=1)[0]
        lossy = {"unlucky": LosesAnswer(self.stepwise, done=True), "luckless": LosesAnswer(self.stepwise, done=False)}
        bus, act = self.bus(lossy.get(role, self.stepwise), tasks), getattr(self, f"_{role}")

        def work():
            act(name, bus)
            tasks.work_off()

        return work

    # the actors

    def _publisher(self, name: str, bus: Bus) -> None:
        bus.publish(SLOT, *content(self.numbers[name]))
        self.notes.acknowledged.append(name)

    _unlucky = _luckless = _publisher

    def _reader(self, name: str, bus: Bus) -> None:
        try:
            self.notes.readings.append(bus.load(SLOT))
        except NotFound:
            self.notes.readings.append(None)

    def _deleter(self, name: str, bus: Bus) -> None:
        bus.delete(SLOT)

    def _remover(self, name: str, bus: Bus) -> None:
        bus.remove(SLOT)

    def _restorer(self, name: str, bus: Bus) -> None:
        with contextlib.suppress(NotFound):  # deleted or pruned meanwhile
            bus.restore(SLOT, self.old)

    def _masker(self, name: str, bus: Bus) -> None:
        self._edit("mask.png", MASK_EDIT, keep_chunk=True)

    def _painter(self, name: str, bus: Bus) -> None:
        self._edit("image.png", IMAGE_EDIT, keep_chunk=True)

    def _dropper(self, name: str, bus: Bus) -> None:
        self._edit("image.png", IMAGE_EDIT, keep_chunk=False)

    def _edit(self, file: str, new_shade: int, *, keep_chunk: bool) -> None:
        key = f"{SLOT}/{file}"

        def save():
            there = self.store.read([key]).get(key)
            if there:
                self.store.write(key, edited(there.data, new_shade, keep_chunk=keep_chunk))
                self.notes.edits[new_shade] = self.notes.step
                if new_shade == IMAGE_EDIT:
                    self.notes.painted_over.add(self.notes.commits[-1])

        self.turns.call(Call("edit", writes=(key,)), save)

    # the checks

    def check(self) -> None:
        """Everything that is promised, after a run in which actors ended or were killed."""
        for one in self.turns.actors:
            if one.error:
                raise AssertionError(f"{one.name} failed") from one.error
        for reading in filter(None, self.notes.readings):
            self.check_whole(reading)
        assert set(self.notes.acknowledged) <= set(self.notes.commits), "acknowledged and not committed"
        if self.history >= len(self.notes.commits):  # otherwise a prune may have deleted the proof
            assert len(set(self.notes.commits)) == len(self.notes.commits), "committed twice"
        if not self.turns.killed:
            self._check_acknowledged()
            self._check_shown()
        self._check_store()

    def _check_shown(self) -> None:
        """When all actors are done and none edited by hand, the visible mask is the visible image's."""
        there = self.store.read([f"{SLOT}/image.png", f"{SLOT}/mask.png"])
        if len(there) == 2 and all(state(blob.data) == "sealed" for blob in there.values()):
            assert len({token(blob.data) for blob in there.values()}) == 1, "another publish's mask is shown"

    def _check_acknowledged(self) -> None:
        publishers = {one.name for one in self.turns.actors if one.name.split()[0] in PUBLISHERS}
        assert set(self.notes.acknowledged) == publishers, "a publisher ended without its commit"

    def _check_store(self) -> None:
        bus = self.bus(self.store)
        try:
            now = bus.load(SLOT)
        except NotFound:
            assert self.notes.deleted, "the slot is gone although it was not deleted"
            self._check_removed(bus)
            return
        self.check_whole(now)
        if not self.notes.deleted:
            self._check_current(now)
            self._check_history(bus, now)

    def _check_removed(self, bus: Bus) -> None:
        """A slot that was removed comes back as it was."""
        if any(one.name.startswith("deleter") for one in self.turns.actors):
            return
        newest = bus.history(SLOT)[0].version
        bus.restore(SLOT, newest)
        now = bus.load(SLOT)
        self.check_whole(now)
        self._check_current(now)

    def _check_current(self, now: Slot) -> None:
        last = self.numbers[self.notes.commits[-1]]
        assert shade(now.images[0]) in (last, IMAGE_EDIT), "the last commit did not win"

    def _check_history(self, bus: Bus, now: Slot) -> None:
        lines = bus.history(SLOT)
        versions = [bus.version(SLOT, line.version) for line in lines]
        for line, version in zip(lines, versions, strict=True):
            self.check_whole(version)
            assert line.origin == "edit" or shade(version.images[0]) != IMAGE_EDIT, "an edit stands for a publish"
        images = [shade(version.images[0]) for version in versions] + [shade(now.images[0])]
        replaced = self.notes.commits[:-1]
        promised = set(replaced[max(len(replaced) - self.history, 0) :]) - self.notes.painted_over
        for number in map(self.numbers.get, promised):
            assert number in images, f"what was published as {number} is neither current nor in the history"
        if self.history >= len(self.notes.commits):
            masks = [shade(one) for version in (*versions, now) for one in version.masks[:1]]
            for edit in self.notes.edits:
                assert edit in images + masks, f"the hand edit {edit} is lost"

    def check_whole(self, slot: Slot) -> None:
        """Image, masks and frames of one publish, or of one with a later edit by hand."""
        images, masks = [shade(one) for one in slot.images], [shade(one) for one in slot.masks]
        known = {self.numbers[name]: name for name in ("first", "restorer", *self.numbers)}
        if len(images) == 1:
            assert images == [IMAGE_EDIT], f"frames are missing: {images}"
            return
        number = images[1] - 1
        assert number in known, f"frames of no publish: {images}"
        assert images[0] in (number, IMAGE_EDIT), f"frames of two publishes: {images}"
        assert masks[1:] == [number + 101], f"a mask of another publish: {images} {masks}"
        if masks[0] == MASK_EDIT:
            edit = self.notes.edits[MASK_EDIT]
            assert edit >= self.notes.seen_before[known[number]], f"a replaced mask came back: {images} {masks}"
            assert edit <= self.notes.replaced_at.get(known[number], edit), f"never lay together: {images} {masks}"
        else:
            assert masks[0] == number + 100, f"a mask of another publish: {images} {masks}"
