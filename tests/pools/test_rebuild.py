"""Manifests made anew from files."""

import json

import pytest

from datasete.errors import InvalidInput, NotFound


def labels(manifest):
    return [picture.label for picture in manifest.pictures]


def kept(storage):
    """What lies beside the manifest for a person to look at."""
    return [storage.get(entry.key).data for entry in storage.entries("p/manifest-corrupt-")]


def test_a_torn_manifest_gives_back_order_labels_and_masks_of_what_it_still_says(pools, fill, storage, make_picture):
    names = fill("p", 6)
    pools.set_mask("p", names[1], make_picture(9, mode="L"))
    data = storage.get("p/manifest.json").data
    torn = data[: data.index(b'"label":"4"')]
    storage.write("p/manifest.json", torn)
    manifest = pools.rebuild("p")
    assert labels(manifest) == ["0", "1", "2", "3", "", ""]
    assert [picture.image for picture in manifest.pictures] == names
    assert pools.picture("p", 1).mask == make_picture(9, mode="L")
    assert kept(storage) == [torn]


def test_a_document_with_one_bad_picture_loses_that_label_only(pools, fill, storage):
    fill("p", 3)
    document = json.loads(storage.get("p/manifest.json").data)
    document["slots"][1]["label"] = 7
    document["slots"].reverse()
    storage.write("p/manifest.json", json.dumps(document).encode())
    assert labels(pools.rebuild("p")) == ["2", "0", ""]


def test_without_any_manifest_all_pictures_come_back_in_the_order_of_their_numbers(pools, fill, storage, make_picture):
    names = fill("p", 12)
    mask = pools.set_mask("p", names[2], make_picture(9, mode="L")).pictures[2].mask
    storage.delete("p/manifest.json")
    manifest = pools.rebuild("p")
    assert [picture.image for picture in manifest.pictures] == names
    assert manifest.pictures[2].mask == mask
    assert kept(storage) == []
    assert fill("p", 1)[0] == "img_0013.png"


def test_removed_pictures_come_back_rather_than_being_forgotten(pools, fill, storage):
    names = fill("p", 3)
    pools.remove("p", [names[0]])
    storage.write("p/manifest.json", storage.get("p/manifest.json").data + b"!")
    assert labels(pools.rebuild("p")) == ["1", "2", "0"]


def test_what_names_files_that_are_not_there_is_left_out(pools, fill, storage):
    names = fill("p", 2)
    storage.write("p/manifest.json", storage.get("p/manifest.json").data + b"!")
    storage.delete(f"p/{names[0]}")
    assert [picture.image for picture in pools.rebuild("p").pictures] == [names[1]]


def test_a_bad_name_in_the_old_manifest_leads_nowhere(pools, fill, storage):
    fill("p", 1)
    fill("q", 1)
    picture = {"image": "../q/img_0001.png", "mask": "../q/img_0001.png", "label": "x", "added": 0}
    storage.write("p/manifest.json", json.dumps({"slots": [picture]}).encode())
    assert [picture.image for picture in pools.rebuild("p").pictures] == ["img_0001.png"]


@pytest.mark.parametrize("old", [b"", b"[]", b"\xff\xfe", b"{" * 1000, b"null", b'{"slots": 3}'])
def test_whatever_the_old_manifest_is_it_is_kept(pools, fill, storage, old):
    fill("p", 2)
    storage.write("p/manifest.json", old)
    assert len(pools.rebuild("p").pictures) == 2
    assert kept(storage) == [old]
    assert len(pools.manifest("p").pictures) == 2


def test_a_sound_manifest_is_not_rebuilt(pools, fill, storage):
    fill("p", 1)
    version = storage.get("p/manifest.json").version
    with pytest.raises(InvalidInput, match="nothing to rebuild"):
        pools.rebuild("p")
    assert storage.get("p/manifest.json").version == version


def test_a_pool_that_is_not_there_is_not_rebuilt(pools):
    with pytest.raises(NotFound):
        pools.rebuild("p")


def test_listeners_hear_of_a_rebuild(pools, fill, storage, changes):
    fill("p", 1)
    storage.write("p/manifest.json", b"?")
    revision = pools.rebuild("p").revision
    assert changes[-1] == ("p", revision)
    assert revision > changes[0][1]
