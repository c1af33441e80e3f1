"""The pools of a space."""

import json

import pytest

from datasete.errors import (
    Conflict,
    CorruptData,
    InvalidInput,
    InvalidName,
    NotFound,
    StoreUnavailable,
    TooLarge,
    UnreadableImage,
)
from datasete.plugin import ABSENT
from datasete.pools import Pools, Upload, commands, view
from datasete.storage import Storage

NAMES = ["", "a/b", "..", "../x", "a\\b", "con", "x" * 300, "a\0", ".locks", "profiles.json", "Profiles.JSON", None, 7]


def labels(manifest):
    return [picture.label for picture in manifest.pictures]


def keys(storage):
    return {entry.key for entry in storage.entries()}


class Spy:
    """A real store that counts writes by key, and loses the answers to some."""

    def __init__(self, inner):
        self.inner, self.written, self.lost = inner, [], 0

    capabilities = property(lambda self: self.inner.capabilities)

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def write(self, key, data, when):
        self.written.append(key)
        version = self.inner.write(key, data, when)
        if self.lost:
            self.lost -= 1
            raise ConnectionResetError("lost")
        return version


@pytest.fixture
def spy(storage):
    return Spy(storage._store)


@pytest.fixture
def spied(spy, storage):
    return Pools(Storage(spy, storage.space, sleep=lambda _: None))


def test_a_pool_that_does_not_exist_is_empty(pools):
    assert view(pools.manifest("default")) == {
        "active": 0,
        "slots": [],
        "next_seq": 1,
        "revision": 0,
        "count": 0,
        "offset": 0,
        "removed": 0,
    }
    assert pools.picture("default", -1) is None
    assert not pools.exists("default")


def test_pictures_are_kept_as_they_came_with_label_and_mask(pools, make_picture, clock):
    mask = make_picture(255, mode="L")
    manifest, refused = pools.add("p", [Upload(make_picture(1), "cat.png", "a cat", mask)])
    assert not refused
    assert [picture.entry for picture in manifest.pictures] == [
        {"image": "img_0001.png", "mask": "img_0001.mask.png", "label": "a cat", "added": clock.now}
    ]
    found = pools.picture("p", 0)
    assert (found.image, found.mask, found.index, found.count) == (make_picture(1), mask, 0, 1)


def test_many_pictures_are_added_with_one_write_of_the_manifest(spied, spy, make_picture):
    spied.add("p", [Upload(make_picture(n)) for n in range(20)])
    assert spy.written.count("p/manifest.json") == 1
    assert len(spied.manifest("p").pictures) == 20


def test_the_good_pictures_of_a_mixed_upload_are_added_and_the_bad_ones_listed(pools, make_picture, storage):
    uploads = [
        Upload(make_picture(1), "one.png", "1"),
        Upload(b"hello", "two.png", "2"),
        Upload(make_picture(3)[:40], "three.png", "3"),
        Upload(make_picture(4), "four.png", "4", mask=b"no mask"),
        Upload(make_picture(5), "five.png", "x" * 10_001),
        Upload(make_picture(6), "six.png", "6"),
    ]
    manifest, refused = pools.add("p", uploads)
    assert labels(manifest) == ["1", "6"]
    assert [(each.filename, type(each.error)) for each in refused] == [
        ("two.png", UnreadableImage),
        ("three.png", UnreadableImage),
        ("four.png", UnreadableImage),
        ("five.png", InvalidInput),
    ]
    assert keys(storage) == {"p/manifest.json", "p/img_0001.png", "p/img_0002.png"}


def test_when_all_are_refused_no_pool_appears(pools, storage):
    manifest, refused = pools.add("p", [Upload(b"hello")])
    assert not manifest.pictures
    assert len(refused) == 1
    assert keys(storage) == set()


def test_names_never_come_back(pools, fill, storage, clock):
    first = fill("p", 3)
    pools.remove("p", first)
    clock.now += 8 * 24 * 3600
    assert not set(fill("p", 2)) & set(first)
    pools.collect("p")
    assert not set(fill("p", 2)) & set(first)


def test_what_a_crash_left_behind_is_neither_used_nor_overwritten(pools, fill, storage, make_picture):
    for number in range(1, 30):
        storage.write(f"p/img_{number:04d}.png", b"left behind")
    fill("p", 2)
    used = {picture.image for picture in pools.manifest("p").pictures}
    assert len(used) == 2
    assert used.isdisjoint(f"img_{number:04d}.png" for number in range(1, 30))
    assert storage.get("p/img_0001.png").data == b"left behind"


def test_a_mask_left_behind_under_the_same_number_is_not_taken_over(pools, storage, make_picture):
    storage.write("p/img_0001.mask.png", b"left behind")
    pools.add("p", [Upload(make_picture(1), mask=make_picture(9, mode="L"))])
    assert pools.picture("p", 0).mask == make_picture(9, mode="L")
    assert storage.get("p/img_0001.mask.png").data == b"left behind"


def test_an_addition_that_is_given_up_takes_its_files_back(pools, make_picture, storage):
    with pools.addition("p") as addition:
        addition.stage(Upload(make_picture(1), mask=make_picture(2)))
        assert len(keys(storage)) == 2
    assert keys(storage) == set()


def test_an_addition_that_took_half_a_day_is_refused(pools, make_picture, clock, storage):
    with pools.addition("p") as addition:
        addition.stage(Upload(make_picture(1)))
        clock.now += 12 * 3600
        with pytest.raises(Conflict, match="too long"):
            addition.commit()
    assert keys(storage) == set()


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


def test_a_store_that_stays_away_is_an_error_never_an_empty_pool(storage):
    class Gone:
        capabilities = storage.capabilities

        def read(self, keys):
            raise ConnectionRefusedError("no")

    gone = Pools(Storage(Gone(), storage.space, deadline=0.01))
    with pytest.raises(StoreUnavailable):
        gone.manifest("p")
    with pytest.raises(StoreUnavailable):
        gone.picture("p", 0)


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


@pytest.mark.parametrize("index", [-1, 0, 1, 5])
def test_a_run_gets_the_active_picture_or_the_one_at_the_index(pools, fill, make_picture, index):
    names = fill("p", 3)
    pools.edit("p", commands.activate(names[1]))
    index = {-1: 1, 0: 0, 1: 1, 5: 2}[index]
    found = pools.picture("p", index)
    assert (found.index, found.record.label, found.image, found.mask) == (index, str(index), make_picture(index), None)


def test_a_missing_file_is_named_and_the_others_still_work(pools, fill, storage):
    names = fill("p", 2)
    storage.delete(f"p/{names[0]}")
    with pytest.raises(CorruptData, match=f"{names[0]}” in the pool “p” is missing"):
        pools.picture("p", 0)
    assert pools.picture("p", 1)


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


@pytest.mark.parametrize("name", ["img_0002.png", "manifest.json", "../p/img_0001.png", "", ".pending"])
def test_only_files_of_the_manifest_are_handed_out(pools, fill, name, storage):
    fill("p", 1)
    storage.write("p/img_0002.png", b"not in the manifest")
    with pytest.raises(NotFound):
        pools.file("p", name)


def test_a_thumbnail_is_small_and_made_once(spied, spy, make_picture):
    spied.add("p", [Upload(make_picture(3, size=(400, 300)))])
    first, kind = spied.thumbnail("p", "img_0001.png", 64)
    assert kind in {"image/jpeg", "image/webp"}
    assert spied.thumbnail("p", "img_0001.png", 64)[0] is first
    with pytest.raises(NotFound):
        spied.thumbnail("p", "img_0002.png", 64)


@pytest.mark.parametrize(("index", "kind"), [(3, NotFound), (-1, NotFound), ("0", InvalidInput), (True, InvalidInput)])
def test_an_index_names_a_picture_that_is_there(pools, fill, index, kind):
    names = fill("p", 3)
    assert pools.name_at("p", 2) == names[2]
    with pytest.raises(kind):
        pools.name_at("p", index)


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


def test_the_view_is_paged(pools, fill):
    fill("p", 7)
    page = view(pools.manifest("p"), 5, 10)
    assert [picture["label"] for picture in page["slots"]] == ["5", "6"]
    assert (page["count"], page["offset"]) == (7, 5)


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


def test_absent_is_what_protects_a_name(storage):
    storage.write("p/img_0001.png", b"x", ABSENT)
    with pytest.raises(Conflict):
        storage.write("p/img_0001.png", b"y", ABSENT)


def test_more_bytes_than_allowed_are_refused_one_by_one(storage, make_picture):
    from datasete.config import LimitSettings

    small = Pools(storage, LimitSettings(image_pixels=100))
    manifest, refused = small.add("p", [Upload(make_picture(1)), Upload(make_picture(2, size=(11, 10)))])
    assert len(manifest.pictures) == 1
    assert isinstance(refused[0].error, TooLarge)
