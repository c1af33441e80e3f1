"""The registry against a model of it: Hypothesis tries sequences of edits that nobody would think of.

`CI=true` raises the number of steps; each test prints how many it took.
"""

import io
import unicodedata

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from store_machine import StoreMachine, drive, hooks

from datasete.errors import Conflict, CorruptData, InvalidName, NotFound
from datasete.pools import Pools, Upload
from datasete.profiles import Profiles
from datasete.profiles.transfer import ProfileTransfer
from datasete.testing.packing import ForwardSink, picture

STEPS = {"memory": (1000, 13_000), "local": (400, 7_000)}
NAMES = [
    "cats",
    "Cats",
    "CATS (2)",
    "cats (2)",
    "dogs",
    "e\u0301te",
    "\u00c9TE",
    "straße",
    "STRASSE",
    "x" * 64,
    "X" * 64,
]


def folded(name):
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


class RegistryMachine(StoreMachine):
    """The model is a dictionary: id → (name, labels of the pictures)."""

    @initialize()
    def begin(self):
        self.make_space()
        self.model, self.made, self.gone, self.pictures = {}, [], set(), 0
        self.open()

    def open(self):
        self.storage = self.open_storage()
        self.profiles = Profiles(Pools(self.storage))
        self.transfer = ProfileTransfer(self.profiles, hooks)

    def pick(self, number):
        """A profile by age: a rebuilt registry is in the order of random ids, and a repeated example must repeat."""
        return self.made[number % len(self.made)]

    def taken(self, name, but=None):
        return any(folded(name) == folded(other) for id_, (other, _) in self.model.items() if id_ != but)

    def entered(self, profile, wanted, labels):
        """A profile that was numbered when its name was taken."""
        assert profile.id not in self.model
        assert profile.id not in self.gone
        if self.taken(wanted):
            assert profile.name.endswith(")")
            assert not self.taken(profile.name)
        else:
            assert profile.name == unicodedata.normalize("NFC", wanted)
        self.model[profile.id] = (profile.name, list(labels))
        self.made.append(profile.id)

    @rule(name=st.sampled_from(NAMES))
    def create(self, name):
        if self.taken(name):
            with pytest.raises(Conflict):
                self.profiles.create(name)
            return
        self.entered(self.profiles.create(name), name, [])

    @rule(name=st.sampled_from(["", "../x", "a/b", "con", "x" * 65, "a\0"]))
    def create_badly(self, name):
        with pytest.raises(InvalidName):
            self.profiles.create(name)

    @precondition(lambda self: self.model)
    @rule(number=st.integers(0, 20), name=st.sampled_from(NAMES))
    def rename(self, number, name):
        profile_id = self.pick(number)
        if self.taken(name, but=profile_id):
            with pytest.raises(Conflict):
                self.profiles.rename(profile_id, name)
            return
        renamed = self.profiles.rename(profile_id, name)
        self.model[profile_id] = (renamed.name, self.model[profile_id][1])

    @precondition(lambda self: self.model)
    @rule(number=st.integers(0, 20))
    def delete(self, number):
        profile_id = self.pick(number)
        self.profiles.delete(profile_id)
        del self.model[profile_id]
        self.made.remove(profile_id)
        self.gone.add(profile_id)

    @precondition(lambda self: self.gone)
    @rule()
    def miss(self):
        for profile_id in [*sorted(self.gone)[:1], "nope", ".."]:
            for call in (self.profiles.get, self.profiles.delete, self.profiles.duplicate):
                with pytest.raises(NotFound):
                    call(profile_id)

    @precondition(lambda self: self.model)
    @rule(number=st.integers(0, 20))
    def add_a_picture(self, number):
        profile_id = self.pick(number)
        self.pictures += 1
        self.profiles.pools.add(profile_id, [Upload(picture(self.pictures), label=str(self.pictures))])
        self.model[profile_id][1].append(str(self.pictures))

    @precondition(lambda self: 0 < len(self.model) < 8)
    @rule(number=st.integers(0, 20), name=st.none() | st.sampled_from(NAMES))
    def duplicate(self, number, name):
        source, labels = self.model[self.pick(number)]
        copy = self.profiles.duplicate(self.pick(number), name)
        self.entered(copy, source if name is None else name, labels)

    @precondition(lambda self: len(self.model) > 1)
    @rule(one=st.integers(0, 20), other=st.integers(0, 20))
    def seed(self, one, other):
        source, target = self.pick(one), self.pick(other)
        if source == target or len(self.model[target][1]) > 12:
            return
        self.profiles.seed(source, target)
        self.model[target][1].extend(self.model[source][1])

    @precondition(lambda self: 0 < len(self.model) < 8)
    @rule(number=st.integers(0, 20), form=st.sampled_from(["datasete-zip", "training-set"]))
    def export_and_import(self, number, form):
        profile_id = self.pick(number)
        name, labels = self.model[profile_id]
        sink = ForwardSink()
        self.transfer.export(self.transfer.source(profile_id, name), form, sink)
        if form == "training-set" and not labels:
            return
        copy = self.transfer.import_(io.BytesIO(bytes(sink.data)), fallback=name)
        self.entered(copy, name, labels)

    @precondition(lambda self: self.model)
    @rule(cut=st.floats(0, 1))
    def tear_and_rebuild(self, cut):
        data = self.storage.get("profiles.json").data
        self.storage.write("profiles.json", data[: int(len(data) * cut)] + b"!")
        with pytest.raises(CorruptData):
            self.profiles.registry()
        registry = self.profiles.rebuild()
        assert {profile.id: profile.name for profile in registry.profiles} == {
            profile_id: name for profile_id, (name, _) in self.model.items()
        }
        order = [profile.id for profile in registry.profiles]
        self.model = {profile_id: self.model[profile_id] for profile_id in order}

    @rule()
    def reopen(self):
        self.open()
        self.profiles.collect_all()

    @invariant()
    def agrees_with_the_model(self):
        type(self).steps += 1
        registry = self.profiles.registry()
        assert [(profile.id, profile.name) for profile in registry.profiles] == [
            (profile_id, name) for profile_id, (name, _) in self.model.items()
        ]
        assert registry.deleted == ()
        if self.model:
            profile_id = self.pick(self.steps)
            labels = [picture.label for picture in self.profiles.pools.manifest(profile_id).pictures]
            assert labels == self.model[profile_id][1]

    def check_no_file_is_left(self):
        folders = {entry.key.partition("/")[0] for entry in self.storage.entries() if "/" in entry.key}
        assert folders == set(self.model)

    @precondition(lambda self: self.gone)
    @rule()
    def look_for_leftovers(self):
        self.check_no_file_is_left()


@pytest.mark.parametrize("kind", ["memory", "local"])
def test_the_registry_behaves_like_its_model(kind):
    drive(RegistryMachine, kind, STEPS[kind], per_example=40)
