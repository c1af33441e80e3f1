"""The pools of a space."""

import json

import pytest

from datasete.errors import CorruptData, InvalidInput, InvalidName, NotFound, UnreadableImage
from datasete.pools import Pools, Upload, commands, view

NAMES = ["", "a/b", "..", "../x", "a\\b", "con", "x" * 300, "a\0", ".locks", "profiles.json", "Profiles.JSON", None, 7]


def labels(manifest):
    return [picture.label for picture in manifest.pictures]


def keys(storage):
    return {entry.key for entry in storage.entries()}


def test_edits_from_two_places_are_both_kept(pools, fill, reopen):
    names = fill("p", 3)
    other = Pools(reopen())
    other.edit("p", commands.label(names[0], "theirs"))
    pools.edit("p", commands.label(names[1], "ours"))
    other.remove("p", [names[2]])
    assert labels(pools.manifest("p")) == ["theirs", "ours"] == labels(other.manifest("p"))


def test_a_repeated_request_is_applied_once(pools, fill, make_picture, storage, changes):
    names = fill("p", 3)
    pools.remove("p", [names[0]], "op-1")
    again = pools.remove("p", [names[0]], "op-1")
    assert labels(again) == ["1", "2"]
    pools.add("p", [Upload(make_picture(7), label="7")], "op-2")
    before = keys(storage), len(changes)
    assert labels(pools.add("p", [Upload(make_picture(7), label="7")], "op-2")[0]) == ["1", "2", "7"]
    pools.set_mask("p", names[1], make_picture(1), "op-3")
    masked = pools.manifest("p")
    assert pools.set_mask("p", names[1], make_picture(1), "op-3") == masked
    assert before[0] <= keys(storage)
    assert len(changes) == before[1] + 1


def test_a_commit_whose_answer_was_lost_is_not_repeated(spied, spy, make_picture):
    spied.add("p", [Upload(make_picture(1), label="a"), Upload(make_picture(2), label="b")])
    spy.lost = 1
    manifest = spied.remove("p", ["img_0001.png"])
    assert labels(manifest) == ["b"]
    assert len(manifest.trash) == 1
    spy.lost = 1
    manifest, _ = spied.add("p", [Upload(make_picture(3), label="c")])
    assert labels(manifest) == ["b", "c"]


@pytest.mark.parametrize("operation", ["", "x" * 65, "a\nb", "ä", 7])
def test_an_operation_id_is_plain_and_short(pools, operation):
    with pytest.raises(InvalidInput, match="operation"):
        pools.edit("p", commands.reorder([]), operation)


def test_an_edit_that_changes_nothing_writes_nothing(pools, fill, changes, storage):
    (name,) = fill("p", 1)
    before, version = len(changes), storage.get("p/manifest.json").version
    pools.edit("p", commands.activate(name))
    assert pools.edit("q", commands.reorder([])).pictures == ()
    assert (len(changes), storage.get("p/manifest.json").version) == (before, version)
    assert not pools.exists("q")


def test_listeners_hear_of_every_edit_with_its_revision(pools, fill, changes):
    names = fill("p", 2)
    pools.edit("p", commands.label(names[0], "x"))
    assert changes == [("p", 1), ("p", 2)]


def test_masks_are_set_replaced_and_cleared_under_names_that_never_were(pools, fill, make_picture):
    (name,) = fill("p", 1)
    seen = set()
    for number in range(3):
        picture = pools.set_mask("p", name, make_picture(number, mode="L")).pictures[0]
        assert pools.picture("p", 0).mask == make_picture(number, mode="L")
        seen.add(picture.mask)
        assert pools.set_mask("p", name, None).pictures[0].mask is None
    assert len(seen) == 3


def test_a_mask_that_cannot_be_used_changes_nothing(pools, fill, storage):
    (name,) = fill("p", 1)
    before = keys(storage)
    with pytest.raises(UnreadableImage):
        pools.set_mask("p", name, b"hello")
    with pytest.raises(NotFound):
        pools.set_mask("p", "img_0999.png", None)
    assert keys(storage) == before


@pytest.mark.parametrize("pool_id", NAMES)
def test_a_bad_pool_id_reaches_no_store(spied, spy, pool_id, make_picture):
    calls = [
        lambda: spied.manifest(pool_id),
        lambda: spied.exists(pool_id),
        lambda: spied.picture(pool_id, 0),
        lambda: spied.file(pool_id, "img_0001.png"),
        lambda: spied.thumbnail(pool_id, "img_0001.png", 64),
        lambda: spied.edit(pool_id, commands.reorder([])),
        lambda: spied.add(pool_id, [Upload(make_picture(1))]),
        lambda: spied.remove(pool_id, ["img_0001.png"]),
        lambda: spied.undo(pool_id),
        lambda: spied.set_mask(pool_id, "img_0001.png", None),
        lambda: spied.name_at(pool_id, 0),
        lambda: spied.detach(pool_id),
        lambda: spied.delete(pool_id),
        lambda: spied.rebuild(pool_id),
        lambda: spied.collect(pool_id),
    ]
    for call in calls:
        with pytest.raises(InvalidName):
            call()
    assert not [key for key in spy.written if not key.endswith(".pending")]


def test_a_pool_is_detached_whole_without_its_trash(pools, fill, make_picture):
    names = fill("p", 4)
    pools.set_mask("p", names[1], make_picture(9, mode="L"))
    pools.remove("p", [names[0]])
    copy = pools.detach("p")
    assert copy != "p"
    assert labels(pools.manifest(copy)) == ["1", "2", "3"]
    assert [pools.picture(copy, n).image for n in range(3)] == [make_picture(n) for n in (1, 2, 3)]
    assert pools.picture(copy, 0).mask == make_picture(9, mode="L")
    pools.remove(copy, [names[1]])
    assert labels(pools.manifest("p")) == ["1", "2", "3"]
    assert pools.ids() == sorted([copy, "p"])


def test_a_detach_that_fails_leaves_nothing(pools, fill, storage):
    names = fill("p", 3)
    storage.delete(f"p/{names[2]}")
    before = keys(storage)
    with pytest.raises(CorruptData, match="is missing"):
        pools.detach("p")
    assert keys(storage) == before


def test_a_pool_is_deleted_with_all_its_files(pools, fill, storage):
    fill("p", 3)
    fill("q", 1)
    pools.delete("p")
    assert not any(key.startswith("p/") for key in keys(storage))
    assert pools.ids() == ["q"]


def test_a_folder_of_the_earlier_layout_opens_and_is_edited(pools, storage, make_picture):
    earlier = {
        "active": 1,
        "slots": [
            {"image": "img_0001.png", "mask": None, "label": "one", "added": 1690000000, "stars": 4},
            {"image": "img_0004.png", "mask": "img_0004.mask.png", "label": "", "added": 1690000001},
        ],
        "next_seq": 5,
        "theme": "dark",
    }
    storage.write("old/manifest.json", json.dumps(earlier, indent=2).encode())
    for number in (1, 4):
        storage.write(f"old/img_{number:04d}.png", make_picture(number))
    storage.write("old/img_0004.mask.png", make_picture(5, mode="L"))
    assert view(pools.manifest("old"))["slots"] == earlier["slots"]
    assert pools.picture("old", -1).mask == make_picture(5, mode="L")
    manifest, _ = pools.add("old", [Upload(make_picture(6))])
    assert manifest.pictures[2].image == "img_0005.png"
    document = json.loads(storage.get("old/manifest.json").data)
    assert document["theme"] == "dark"
    assert document["slots"][:2] == earlier["slots"]


def test_a_corrupt_manifest_fails_closed_everywhere(pools, fill, storage, make_picture):
    (name,) = fill("p", 1)
    storage.write("p/manifest.json", b"{broken")
    calls = [
        lambda: pools.manifest("p"),
        lambda: pools.picture("p", 0),
        lambda: pools.add("p", [Upload(make_picture(1))]),
        lambda: pools.remove("p", [name]),
        lambda: pools.undo("p"),
        lambda: pools.set_mask("p", name, None),
        lambda: pools.edit("p", commands.label(name, "x")),
        lambda: pools.detach("p"),
        lambda: pools.thumbnail("p", name, 64),
        lambda: pools.collect("p"),
    ]
    for call in calls:
        with pytest.raises(CorruptData, match="Rebuild"):
            call()
    assert storage.get("p/manifest.json").data == b"{broken"
    assert pools.exists("p")


def test_a_manifest_that_names_files_elsewhere_deletes_nothing_there(pools, storage, make_picture):
    storage.write("victim/img_0001.png", make_picture(1))
    picture = {"image": "../victim/img_0001.png", "mask": None, "label": "", "added": 0}
    storage.write("p/manifest.json", json.dumps({"active": 0, "slots": [picture], "next_seq": 2}).encode())
    for call in (
        lambda: pools.remove("p", [picture["image"]]),
        lambda: pools.collect("p"),
        lambda: pools.picture("p", 0),
    ):
        with pytest.raises(CorruptData):
            call()
    assert storage.get("victim/img_0001.png").data == make_picture(1)
