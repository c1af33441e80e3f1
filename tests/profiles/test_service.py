"""Profiles."""

import json

import pytest

from datasete.errors import Conflict, CorruptData, InvalidInput, InvalidName, NotFound, StoreUnavailable
from datasete.plugin import Blob
from datasete.pools import Pools, Upload, commands
from datasete.pools.lifecycle import GRACE_SECONDS
from datasete.profiles import Profiles
from datasete.storage import Storage


def keys(storage):
    return {entry.key for entry in storage.entries()}


def names(profiles):
    return [profile.name for profile in profiles.registry().profiles]


def labels(pools, pool_id):
    return [picture.label for picture in pools.manifest(pool_id).pictures]


def test_a_profile_is_made_empty_with_an_id_of_its_own(profiles, pools, clock):
    profile = profiles.create("samples")
    assert profiles.get(profile.id).entry == {"id": profile.id, "name": "samples", "created": clock.now}
    assert pools.manifest(profile.id).pictures == ()
    assert pools.ids() == [profile.id]
    assert profiles.is_profile(profile.id)
    assert not profiles.is_profile("default")


@pytest.mark.parametrize("other", ["samples", "SAMPLES", "Samples"])
def test_a_name_that_is_taken_in_any_spelling_is_refused(profiles, storage, other):
    profiles.create("samples")
    before = keys(storage)
    with pytest.raises(Conflict, match="already a profile named “samples”"):
        profiles.create(other)
    second = profiles.create("second")
    with pytest.raises(Conflict):
        profiles.rename(second.id, other)
    assert {key for key in keys(storage) if second.id not in key} == before


@pytest.mark.parametrize("name", ["", "a/b", "../x", "con", "x" * 65, "a\0b", None, 5])
def test_a_name_that_cannot_be_used_makes_nothing(profiles, storage, filled, name):
    profile = filled("samples")
    before = keys(storage)
    for call in (
        lambda: profiles.create(name),
        lambda: profiles.rename(profile.id, name),
        *([] if name is None else [lambda: profiles.duplicate(profile.id, name)]),
    ):
        with pytest.raises(InvalidName):
            call()
    assert keys(storage) == before


def test_a_profile_is_renamed_also_to_another_case_of_its_own_name(profiles, pools):
    profile = profiles.create("samples")
    assert profiles.rename(profile.id, "Samples").name == "Samples"
    assert profiles.rename(profile.id, "e\u0301te").name == "\u00e9te"
    assert names(profiles) == ["\u00e9te"]


def test_deleting_removes_the_entry_and_every_file(profiles, filled, storage):
    gone, stays = filled("gone"), filled("stays")
    profiles.delete(gone.id)
    assert names(profiles) == ["stays"]
    assert not any(gone.id in key for key in keys(storage))
    assert len([key for key in keys(storage) if stays.id in key]) == 5
    assert profiles.registry().deleted == ()


def test_a_deletion_that_is_cut_short_is_finished_by_the_collection(profiles, filled, storage):
    profile = filled("gone")

    def crash(pool_id):
        raise StoreUnavailable("gone")

    delete, profiles.pools.delete = profiles.pools.delete, crash
    profiles.delete(profile.id)
    assert names(profiles) == []
    assert any(profile.id in key for key in keys(storage))
    profiles.pools.delete = delete
    profiles.collect_all()
    assert not any(profile.id in key for key in keys(storage))
    assert profiles.registry().deleted == ()


def test_a_duplicate_is_whole_numbered_and_independent(profiles, pools, filled):
    original = filled("cats")
    copy = profiles.duplicate(original.id)
    assert copy.name == "cats (2)"
    assert profiles.duplicate(original.id, "Dogs").name == "Dogs"
    assert profiles.duplicate(copy.id).name == "cats (3)"
    assert pools.manifest(copy.id).pictures == pools.manifest(original.id).pictures
    assert pools.picture(copy.id, -1) == pools.picture(original.id, -1)
    pools.remove(copy.id, [pools.name_at(copy.id, 0)])
    assert labels(pools, original.id) == ["0", "1", "2"]


def test_a_duplicate_that_fails_leaves_nothing(profiles, pools, filled, storage):
    original = filled("cats")
    storage.delete(f"{original.id}/{pools.name_at(original.id, 2)}")
    before = keys(storage)
    with pytest.raises(CorruptData, match="missing"):
        profiles.duplicate(original.id)
    assert keys(storage) == before
    assert names(profiles) == ["cats"]


def test_a_pool_is_seeded_into_a_profile_with_masks_labels_and_activity(profiles, pools, make_picture):
    pools.add(
        "default",
        [Upload(make_picture(n), label=str(n), mask=make_picture(9, mode="L") if n else None) for n in range(3)],
    )
    pools.edit("default", commands.activate("img_0003.png"))
    profile = profiles.create("seeded")
    profiles.seed("default", profile.id, "op")
    profiles.seed("default", profile.id, "op")
    assert labels(pools, profile.id) == ["0", "1", "2"]
    assert pools.picture(profile.id, -1).image == make_picture(2)
    assert pools.picture(profile.id, 1).mask == make_picture(9, mode="L")
    profiles.seed("default", profile.id)
    assert labels(pools, profile.id) == ["0", "1", "2"] * 2
    assert pools.manifest(profile.id).active_index == 2


def test_seeding_what_cannot_be_seeded_changes_nothing(profiles, pools, filled, storage):
    profile = filled("cats")
    before = keys(storage)
    with pytest.raises(NotFound):
        profiles.seed("default", "no-such-profile")
    with pytest.raises(InvalidInput, match="itself"):
        profiles.seed(profile.id, profile.id)
    pools.add("broken", [])
    assert keys(storage) == before


@pytest.mark.parametrize("call", ["get", "delete", "duplicate"])
def test_an_unknown_id_is_said(profiles, call):
    profiles.create("samples")
    with pytest.raises(NotFound, match="No profile has the id"):
        getattr(profiles, call)("6d7a")
    with pytest.raises(NotFound):
        profiles.rename("6d7a", "x")


def test_a_corrupt_registry_is_never_taken_for_empty_nor_saved_over(profiles, filled, storage):
    profile = filled("cats")
    storage.write("profiles.json", b'{"profiles": [')
    before = keys(storage)
    for call in (
        profiles.registry,
        lambda: profiles.get(profile.id),
        lambda: profiles.is_profile(profile.id),
        lambda: profiles.create("new"),
        lambda: profiles.rename(profile.id, "new"),
        lambda: profiles.delete(profile.id),
        lambda: profiles.duplicate(profile.id),
        lambda: profiles.seed("default", profile.id),
        profiles.collect_all,
    ):
        with pytest.raises(CorruptData, match="Rebuild"):
            call()
    assert keys(storage) == before
    assert storage.get("profiles.json").data == b'{"profiles": ['


def test_two_places_make_profiles_side_by_side(profiles, storage):
    other = Profiles(Pools(storage))
    for number in range(5):
        profiles.create(f"a{number}")
        other.create(f"b{number}")
    assert len(names(profiles)) == 10


class Losing:
    """A real store that loses the answer to the next writes of one key."""

    def __init__(self, inner, key, times=1):
        self.inner, self.key, self.times = inner, key, times

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def write(self, key, data, when):
        version = self.inner.write(key, data, when)
        if key == self.key and self.times:
            self.times -= 1
            raise ConnectionResetError("lost")
        return version


def test_a_creation_whose_answer_was_lost_is_recognized(store, storage, clock):
    losing = Storage(Losing(store, "profiles.json"), storage.space, sleep=lambda _: None)
    profiles = Profiles(Pools(losing, clock=clock), clock=clock)
    profiles.create("cats")
    assert names(profiles) == ["cats"]


def test_data_is_kept_when_nobody_knows_whether_the_registry_has_it(store, storage, clock):
    losing = Storage(Losing(store, "profiles.json"), storage.space, deadline=-1, sleep=lambda _: None)
    with pytest.raises(StoreUnavailable):
        Profiles(Pools(losing, clock=clock), clock=clock).create("cats")
    profiles = Profiles(Pools(storage))
    (profile,) = profiles.registry().profiles
    assert profiles.pools.exists(profile.id)
    later = Profiles(Pools(storage), clock=lambda: storage.get(f"{profile.id}/.pending").modified + GRACE_SECONDS + 1)
    later.collect_all()
    assert profiles.pools.ids() == [profile.id]


def test_the_registry_that_a_blob_holds_is_what_the_files_promise(profiles, filled, storage):
    profile = filled("cats")
    blob = storage.get("profiles.json")
    assert isinstance(blob, Blob)
    assert json.loads(blob.data)["profiles"] == [profile.entry]


def test_a_pool_is_adopted_with_everything_and_stays_as_it_is(profiles, pools, make_picture):
    pools.add(
        "private", [Upload(make_picture(1), label="one"), Upload(make_picture(2), mask=make_picture(3, mode="L"))]
    )
    pools.edit("private", commands.activate("img_0002.png"))
    before = pools.manifest("private")
    profile = profiles.adopt("private", "Mine")
    adopted = pools.manifest(profile.id)
    assert (adopted.pictures, adopted.active) == (before.pictures, before.active)
    assert pools.picture(profile.id, 1).image == make_picture(2)
    assert pools.manifest("private") == before


def test_adopting_under_a_taken_name_copies_nothing(profiles, pools, make_picture):
    pools.add("private", [Upload(make_picture(1))])
    profiles.create("Mine")
    before = sorted(entry.key for entry in pools.storage.entries())
    with pytest.raises(Conflict):
        profiles.adopt("private", "MINE")
    assert sorted(entry.key for entry in pools.storage.entries()) == before


def test_every_change_of_the_registry_is_told_with_its_revision(pools, clock):
    changes = []
    profiles = Profiles(pools, clock=clock, changed=changes.append)
    profile = profiles.create("one")
    profiles.rename(profile.id, "two")
    profiles.rename(profile.id, "two")  # nothing changes
    copy = profiles.duplicate(profile.id)
    profiles.delete(copy.id)
    assert changes == sorted(set(changes))
    assert changes[-1] == profiles.registry().revision
    assert len(changes) == 5  # a deletion is two: the name goes, then what is left of the data
