"""What a manifest says of its pictures."""

from dataclasses import replace

import pytest

from datasete.pools import view
from datasete.pools.codec import blocks_of
from datasete.pools.manifest import Manifest, Picture


def pool(text, active=0):
    return Manifest(pictures=tuple(Picture(letter) for letter in text), active=active, next_seq=len(text) + 1)


@pytest.mark.parametrize(("index", "chosen"), [(-1, 1), (0, 0), (2, 2), (3, 2), (10**9, 2), (-7, 1)])
def test_an_index_is_the_active_picture_or_brought_into_range(index, chosen):
    assert pool("abc", 1).choose(index) == chosen
    assert pool("").choose(index) is None


@pytest.mark.parametrize(("active", "meant"), [(-5, 0), (0, 0), (2, 2), (99, 2)])
def test_a_stored_active_index_out_of_range_is_brought_into_it(active, meant):
    assert pool("abc", active).active_index == meant


def test_the_view_is_paged(pools, fill):
    fill("p", 7)
    page = view(pools.manifest("p"), 5, 10)
    assert [picture["label"] for picture in page["slots"]] == ["5", "6"]
    assert (page["count"], page["offset"]) == (7, 5)


def test_another_content_under_the_same_revision_is_another_version() -> None:
    first = Manifest((Picture("a"), Picture("b")), revision=7)
    others = [
        replace(first, pictures=order)
        for order in ((Picture("b"), Picture("a")), (Picture("a", label="x"), Picture("b")))
    ]
    assert len({first.fingerprint, *(other.fingerprint for other in others)}) == 3


@pytest.mark.parametrize(("old", "new"), [({"added": 0}, {"added": 0.0}), ({"rest": {"x": 1}}, {"rest": {"x": True}})])
def test_a_picture_that_is_written_otherwise_is_another_one(old, new):
    before, after = Picture("img_0001.png", **old), Picture("img_0001.png", **new)
    assert before != after
    (block,) = blocks_of((after,), blocks_of((before,)))
    assert block.lines == after.line


def test_pictures_that_are_written_the_same_are_equal():
    one, other = (Picture("img_0001.png", label="a", rest={"x": [1]}) for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)
