"""Adding pictures to a pool."""

import pytest

from datasete.errors import Conflict, InvalidInput, TooLarge, UnreadableImage
from datasete.plugin import ABSENT
from datasete.pools import Pools, Upload


def labels(manifest):
    return [picture.label for picture in manifest.pictures]


def keys(storage):
    return {entry.key for entry in storage.entries()}


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
