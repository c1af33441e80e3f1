"""Lines of a manifest that are kept from edit to edit."""

import json

import pytest

from datasete.pools import commands
from datasete.pools.codec import BLOCK_PICTURES, blocks_of, decode, encode
from datasete.pools.editing import ManifestCache
from datasete.pools.manifest import Manifest, Picture

COUNT = 2 * BLOCK_PICTURES + 10


def name(number):
    return f"img_{number:04d}.png"


def manifest_of(count):
    return Manifest(
        tuple(Picture(name(number), label=str(number)) for number in range(1, count + 1)), next_seq=count + 1
    )


@pytest.fixture
def large():
    return manifest_of(COUNT)


EDITS = {
    "label": commands.label(name(BLOCK_PICTURES + 5), "other"),
    "last": commands.label(name(COUNT), "other"),
    "mask": commands.set_mask(name(1), "img_0001.mask.png"),
    "add": commands.add([Picture(name(COUNT + 1))], COUNT + 2),
    "remove": commands.remove([name(7), name(BLOCK_PICTURES)], "op", 1.0),
    "move": commands.move([name(COUNT)], name(3)),
    "reorder": commands.reorder(range(COUNT - 1, -1, -1)),
    "activate": commands.activate(name(9)),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_what_an_edit_leaves_is_written_as_it_would_be_from_nothing(large, edit):
    manifests = ManifestCache()
    manifests.encoded("p", large)
    edited = edit(large)
    assert manifests.encoded("p", edited) == encode(edited)
    assert decode(manifests.encoded("p", edited), "p") == edited
    assert manifests.encoded("p", large) == encode(large)


@pytest.mark.parametrize("count", [0, 1, BLOCK_PICTURES - 1, BLOCK_PICTURES, BLOCK_PICTURES + 1])
def test_a_pool_of_any_size_is_written_one_picture_a_line(count):
    data = ManifestCache().encoded("p", manifest_of(count))
    assert [picture["label"] for picture in json.loads(data)["slots"]] == [
        str(number) for number in range(1, count + 1)
    ]
    assert data.count(b'\n{"image"') == count


def test_an_edit_takes_over_all_blocks_but_the_one_it_changes(large):
    before = blocks_of(large.pictures)
    after = blocks_of(EDITS["label"](large).pictures, before)
    assert [new is old for new, old in zip(after, before, strict=True)] == [True, False, True]


@pytest.mark.parametrize(("old", "new"), [({"added": 0}, {"added": 0.0}), ({"rest": {"x": 1}}, {"rest": {"x": True}})])
def test_a_picture_that_is_written_otherwise_is_another_one(old, new):
    before, after = Picture(name(1), **old), Picture(name(1), **new)
    assert before != after
    (block,) = blocks_of((after,), blocks_of((before,)))
    assert block.lines == after.line


def test_pictures_that_are_written_the_same_are_equal():
    one, other = (Picture(name(1), label="a", rest={"x": [1]}) for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)


def test_pools_do_not_share_their_lines(large):
    manifests, other = ManifestCache(), manifest_of(COUNT - 1)
    for _ in range(2):
        assert manifests.encoded("p", large) == encode(large)
        assert manifests.encoded("q", other) == encode(other)
