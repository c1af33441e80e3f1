"""Pools against a model of them: Hypothesis tries sequences of edits that nobody would think of.

`CI=true` raises the number of steps; each test prints how many it took.
"""

import itertools

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from pool_writers import png
from store_machine import StoreMachine, drive

from datasete.errors import CorruptData, InvalidInput, NotFound
from datasete.pools import Pools, Upload, commands
from datasete.pools.lifecycle import GRACE_SECONDS, TRASH_SECONDS

STEPS = {"memory": (1500, 15_000), "local": (700, 10_000)}

numbers = itertools.count()


class PoolMachine(StoreMachine):
    """Every rule does the same to a pool and to plain Python lists; the invariants compare both."""

    @initialize()
    def begin(self):
        self.make_space()
        self.now = 1_700_000_000.0
        self.pictures, self.active, self.trash, self.used = [], None, [], set()
        self.last = None
        self.counter = 0
        self.open()

    def open(self):
        self.storage = self.open_storage()
        self.pools = Pools(self.storage, clock=lambda: self.now)

    def pick(self, number):
        return self.pictures[number % len(self.pictures)]

    def names(self):
        return [picture["image"] for picture in self.pictures]

    def edited(self, call):
        """Do an edit under an id, remember both, so that another rule may repeat it."""
        self.counter += 1
        operation = f"op-{self.counter}"
        before = self.pools.manifest("p").revision
        result = call(operation)
        # an edit that changed nothing is not written, so its id is not remembered either
        self.last = (lambda: call(operation)) if self.pools.manifest("p").revision != before else None
        return result

    @rule(
        count=st.integers(1, 4),
        label=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    )
    def add(self, count, label):
        pictures = [next(numbers) % 2**24 for _ in range(count)]
        uploads = [Upload(png(number), label=label) for number in pictures] + [Upload(b"no picture")]
        manifest, refused = self.edited(lambda operation: self.pools.add("p", uploads, operation))
        assert len(refused) == 1
        new = [picture.image for picture in manifest.pictures[-count:]]
        assert not self.used & set(new)
        self.used |= set(new)
        self.active = self.active or new[0]
        self.pictures += [
            {"image": name, "label": label, "mask": None, "data": png(number)}
            for name, number in zip(new, pictures, strict=True)
        ]

    @precondition(lambda self: self.pictures)
    @rule(picks=st.lists(st.integers(0, 30), min_size=1, max_size=4))
    def remove(self, picks):
        gone = {self.pick(number)["image"] for number in picks}
        self.edited(lambda operation: self.pools.remove("p", sorted(gone), operation))
        before = self.names()
        heir = None
        left = [picture for picture in self.pictures if picture["image"] not in gone]
        if self.active in gone:
            index = sum(1 for name in before[: before.index(self.active)] if name not in gone)
            heir = left[min(index, len(left) - 1)]["image"] if left else ""
        entries = [(index, picture) for index, picture in enumerate(self.pictures) if picture["image"] in gone]
        self.trash.append((self.now, entries, self.active if heir is not None else None, heir))
        self.active = (heir or None) if heir is not None else self.active
        self.pictures = left

    @rule()
    def undo(self):
        if not self.trash:
            with pytest.raises(NotFound):
                self.pools.undo("p")
            return
        self.edited(lambda operation: self.pools.undo("p", operation))
        _, entries, was_active, heir = self.trash.pop()
        for index, picture in entries:
            self.pictures.insert(index, picture)
        if was_active is not None and (self.active or "") == heir:
            self.active = was_active

    @precondition(lambda self: self.pictures)
    @rule(random=st.randoms(use_true_random=False))
    def reorder(self, random):
        order = list(range(len(self.pictures)))
        random.shuffle(order)
        self.edited(lambda operation: self.pools.edit("p", commands.reorder(order), operation))
        self.pictures = [self.pictures[index] for index in order]

    @precondition(lambda self: self.pictures)
    @rule(picks=st.lists(st.integers(0, 30), min_size=1, max_size=4), before=st.none() | st.integers(0, 30))
    def move(self, picks, before):
        moving = list(dict.fromkeys(self.pick(number)["image"] for number in picks))
        target = None if before is None else self.pick(before)["image"]
        self.edited(lambda operation: self.pools.edit("p", commands.move(moving, target), operation))
        index = len(self.pictures) if target is None else self.names().index(target)
        kept = {picture["image"]: picture for picture in self.pictures}
        front = [picture for picture in self.pictures[:index] if picture["image"] not in moving]
        back = [picture for picture in self.pictures[index:] if picture["image"] not in moving]
        self.pictures = [*front, *(kept[name] for name in moving), *back]

    @precondition(lambda self: self.pictures)
    @rule(number=st.integers(0, 30), label=st.sampled_from(["", "a", "Größe 🌞", "x" * 10_000, '"\\\n\u2028']))
    def label(self, number, label):
        picture = self.pick(number)
        self.edited(lambda operation: self.pools.edit("p", commands.label(picture["image"], label), operation))
        picture["label"] = label

    @precondition(lambda self: self.pictures)
    @rule(number=st.integers(0, 30), clear=st.booleans())
    def mask(self, number, clear):
        picture = self.pick(number)
        data = None if clear else png(next(numbers) % 2**24)
        manifest = self.edited(lambda operation: self.pools.set_mask("p", picture["image"], data, operation))
        name = manifest.pictures[manifest.index_of(picture["image"])].mask
        assert (name is None) == clear
        assert name not in self.used
        self.used |= {name} - {None}
        picture["mask"] = name

    @precondition(lambda self: self.pictures)
    @rule(number=st.integers(0, 30))
    def activate(self, number):
        self.active = self.pick(number)["image"]
        name = self.active
        self.edited(lambda operation: self.pools.edit("p", commands.activate(name), operation))

    @precondition(lambda self: self.last is not None)
    @rule()
    def repeat_the_last_request(self):
        manifest = self.pools.manifest("p")
        self.last()
        assert self.pools.manifest("p") == manifest

    @rule(image=st.sampled_from(["img_9999.png", "", "../x", "manifest.json"]))
    def miss(self, image):
        for command in (commands.label(image, "x"), commands.activate(image), commands.move([image], None)):
            with pytest.raises(NotFound):
                self.pools.edit("p", command)
        with pytest.raises(NotFound):
            self.pools.remove("p", [image])
        with pytest.raises(InvalidInput):
            commands.reorder([5])

    @rule()
    def reopen(self):
        self.open()

    @rule(days=st.sampled_from([0.1, 2, 10]))
    def wait_and_collect(self, days):
        self.now += days * 24 * 3600
        self.pools.collect("p")

    @precondition(lambda self: self.pictures)
    @rule()
    def detach_and_delete(self):
        copy = self.pools.detach("p")
        assert [picture.image for picture in self.pools.manifest(copy).pictures] == self.names()
        self.pools.delete(copy)
        assert not list(self.storage.entries(f"{copy}/"))

    @precondition(lambda self: self.pictures)
    @rule(cut=st.floats(0, 1))
    def tear_and_rebuild(self, cut):
        data = self.storage.get("p/manifest.json").data
        self.storage.write("p/manifest.json", data[: int(len(data) * cut)] + b"!")
        with pytest.raises(CorruptData):
            self.pools.manifest("p")
        manifest = self.pools.rebuild("p")
        assert set(self.names()) <= {picture.image for picture in manifest.pictures}
        removed = {picture["image"]: picture for _, entries, *_ in self.trash for _, picture in entries}
        known = removed | {picture["image"]: picture for picture in self.pictures}
        # what came back from the trash, or from files that were left behind, is there now
        self.pictures = [
            known.get(picture.image, {"data": self.pools.file("p", picture.image).data})
            | {"image": picture.image, "label": picture.label, "mask": picture.mask}
            for picture in manifest.pictures
        ]
        self.active, self.trash, self.last = manifest.active_image, [], None

    @invariant()
    def agrees_with_the_model(self):
        type(self).steps += 1
        manifest = self.pools.manifest("p")
        limit = self.now - TRASH_SECONDS
        assert [(s.image, s.label, s.mask) for s in manifest.pictures] == [
            (s["image"], s["label"], s["mask"]) for s in self.pictures
        ]
        assert (manifest.active_image or None) == self.active
        # any edit forgets removals that are too old; the model follows when it sees that
        kept = {removed.picture.image for removed in manifest.trash}
        for when, entries, *_ in self.trash:
            if any(picture["image"] not in kept for _, picture in entries):
                assert when < limit
        self.trash = [entry for entry in self.trash if any(picture["image"] in kept for _, picture in entry[1])]

    @invariant()
    def files_are_there(self):
        if self.pictures:
            picture = self.pictures[self.steps % len(self.pictures)]
            found = self.pools.picture("p", self.names().index(picture["image"]))
            assert found.image == picture["data"]
            assert (found.mask is None) == (picture["mask"] is None)


@pytest.mark.parametrize("kind", ["memory", "local"])
def test_a_pool_behaves_like_its_model(kind):
    drive(PoolMachine, kind, STEPS[kind], per_example=50)
    assert GRACE_SECONDS < TRASH_SECONDS
