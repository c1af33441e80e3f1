"""Rebuilding the list of profiles."""

import json

import pytest

from datasete.errors import InvalidInput
from datasete.pools import Upload
from datasete.profiles import Profiles


def names(profiles):
    return [profile.name for profile in profiles.registry().profiles]


def test_a_torn_registry_is_rebuilt_from_its_lines_and_from_the_pools(profiles, filled, storage):
    one, two, three = filled("one"), filled("two"), filled("three")
    profiles.rename(three.id, "third")
    document = storage.get("profiles.json").data
    torn = document[: document.index(b'"third"')]
    storage.write("profiles.json", torn)
    registry = profiles.rebuild()
    assert {profile.id: profile.name for profile in registry.profiles} == {
        one.id: "one",
        two.id: "two",
        three.id: "third",
    }
    assert [storage.get(entry.key).data for entry in storage.entries("profiles-corrupt-")] == [torn]
    assert names(profiles) == [profile.name for profile in registry.profiles]


def test_a_lost_registry_is_rebuilt_from_the_pools_that_were_profiles(profiles, filled, pools, make_picture, storage):
    profile = filled("one")
    pools.add("default", [Upload(make_picture(1))])
    detached = pools.detach(profile.id)
    storage.delete("profiles.json")
    assert names(profiles) == []
    assert [each.id for each in profiles.rebuild().profiles] == [profile.id]
    assert detached in pools.ids()


def test_a_rebuild_numbers_names_that_meet(profiles, storage):
    entries = [{"id": str(n), "name": "cats", "created": n} for n in range(3)] + [{"id": "../x", "name": "evil"}]
    storage.write("profiles.json", json.dumps({"profiles": entries}).encode())
    assert [profile.name for profile in profiles.rebuild().profiles] == ["cats", "cats (2)", "cats (3)"]


def test_a_sound_registry_is_not_rebuilt(profiles):
    profiles.create("cats")
    with pytest.raises(InvalidInput, match="can be read"):
        profiles.rebuild()


def test_a_rebuilt_registry_is_told(pools, clock):
    changes = []
    profiles = Profiles(pools, clock=clock, changed=changes.append)
    profiles.create("one")
    pools.storage.write("profiles.json", b"{")
    rebuilt = profiles.rebuild()
    assert changes[1:] == [rebuilt.revision]
