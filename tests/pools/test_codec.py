"""Manifests as bytes, and the encoded blocks that are reused from edit to edit."""

import json

import pytest

from datasete.errors import CorruptData
from datasete.pools import commands
from datasete.pools.codec import BLOCK_PICTURES, blocks_of, decode, encode
from datasete.pools.editing import ManifestCache
from datasete.pools.manifest import Manifest, Picture

EARLIER = {
    "active": 1,
    "slots": [
        {"image": "img_0001.png", "mask": None, "label": "first", "added": 1690000000},
        {"image": "img_0003.png", "mask": "img_0003.mask.png", "label": "", "added": 1690000001.5},
    ],
    "next_seq": 4,
}
SLOT = EARLIER["slots"][0]


def text(**changes):
    return json.dumps(EARLIER | changes)


def test_a_manifest_of_the_earlier_layout_opens_as_it_is():
    manifest = decode(json.dumps(EARLIER).encode(), "p")
    assert (manifest.active, manifest.next_seq, manifest.revision) == (1, 4, 0)
    assert [picture.entry for picture in manifest.pictures] == EARLIER["slots"]


def test_what_we_write_stays_readable_by_the_earlier_pack():
    document = json.loads(encode(decode(json.dumps(EARLIER).encode(), "p")))
    assert {key: document[key] for key in EARLIER} == EARLIER


def test_unknown_keys_survive_an_edit_everywhere():
    odd = EARLIER | {"theme": {"dark": [1, None]}, "slots": [SLOT | {"stars": 5}, EARLIER["slots"][1]]}
    edited = commands.label("img_0001.png", "new")(decode(json.dumps(odd).encode(), "p"))
    removed = commands.remove(["img_0001.png"], "op", 1.0)(edited)
    again = json.loads(encode(commands.restore()(decode(encode(removed), "p"))))
    assert again["theme"] == {"dark": [1, None]}
    assert again["slots"][0] == SLOT | {"stars": 5, "label": "new"}


def test_everything_comes_back_as_it_was_written():
    manifest = commands.remove("b", "op", 12.5)(
        Manifest((Picture("a", "m.png", 'ä\n"\\\u2028🌞'), Picture("b")), 1, 7, 3, ("x", "y"), (), {"k": 1})
    )
    assert decode(encode(manifest), "p") == manifest


def test_missing_parts_have_their_defaults_and_numbers_stay_behind_all_names():
    manifest = decode(b'\xef\xbb\xbf{"slots": [{"image": "img_0041.jpg"}]}', "p")
    assert manifest == Manifest((Picture("img_0041.jpg"),), next_seq=42)


def test_broken_text_in_a_label_can_be_written_again():
    manifest = decode(text(slots=[SLOT | {"label": "\ud800"}]).encode(), "p")
    assert decode(encode(manifest), "p") == manifest


def test_one_picture_stands_on_one_line():
    lines = encode(decode(json.dumps(EARLIER).encode(), "p")).decode().splitlines()
    assert [json.loads(line.rstrip(",")) for line in lines if line.startswith('{"image"')] == EARLIER["slots"]


BAD_NAMES = [
    "../x.png",
    "..",
    "a/b.png",
    "a\\b.png",
    "/etc/passwd",
    "C:x.png",
    "manifest.json",
    "MANIFEST.json",
    ".pending",
    "a\0.png",
    "con.png",
    "x" * 65,
    "u\u0308.png",
    "x.png ",
    "",
    "a\nb.png",
    "\u202ea.png",
    7,
    None,
    [],
]

CORRUPT = {
    "empty": "",
    "cut off": text()[:-20],
    "no JSON": "hello",
    "zeros": "\0" * 100,
    "a list": "[]",
    "a number": "3",
    "null": "null",
    "an empty object": "{}",
    "no slots": json.dumps({"active": 0, "next_seq": 1}),
    "slots an object": text(slots={}),
    "slots null": text(slots=None),
    "a slot a text": text(slots=["img_0001.png"]),
    "a slot null": text(slots=[None]),
    "a slot a list": text(slots=[[]]),
    "the same picture twice": text(slots=[SLOT, SLOT]),
    "a label a number": text(slots=[SLOT | {"label": 3}]),
    "a label a list": text(slots=[SLOT | {"label": []}]),
    "active a text": text(active="1"),
    "active true": text(active=True),
    "active a float": text(active=1.0),
    "active null": text(active=None),
    "active huge": text(active=10**30),
    "next_seq negative": text(next_seq=-1),
    "next_seq a text": text(next_seq="4"),
    "next_seq huge": text(next_seq=2**60),
    "revision a text": text(revision="x"),
    "revision negative": text(revision=-1),
    "operations a text": text(operations="abc"),
    "operations with numbers": text(operations=[1]),
    "trash an object": text(trash={}),
    "trash with a text": text(trash=["x"]),
    "trash without a slot": text(trash=[{"index": 0, "removed": 1, "operation": "o"}]),
    "trash without a time": text(trash=[{"slot": SLOT | {"image": "z.png"}, "index": 0, "operation": "o"}]),
    "trash of all times": text(trash=[{"slot": {"image": "z.png"}, "index": 0, "removed": 10**400, "operation": "o"}]),
    "trash without an operation": text(trash=[{"slot": {"image": "z.png"}, "index": 0, "removed": 1}]),
    "trash with a bad heir": text(trash=[{"slot": {"image": "z.png"}, "removed": 1, "operation": "o", "heir": 3}]),
    "trash with a kept picture": text(trash=[{"slot": SLOT, "index": 0, "removed": 1, "operation": "o"}]),
    "trash that leaves": text(trash=[{"slot": {"image": "../z.png"}, "index": 0, "removed": 1, "operation": "o"}]),
    "not a number": '{"slots": [], "x": NaN}',
    "infinity": '{"slots": [], "x": -Infinity}',
    "infinity by overflow": '{"slots": [], "x": 1e999}',
    "a number of 5,000 digits": '{"slots": [], "x": ' + "9" * 5000 + "}",
    "nested deeply": '{"slots": [], "x": ' + "[" * 60 + "]" * 60 + "}",
    "nested beyond the parser": '{"slots": [], "x": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "nested in a slot": text(slots=[SLOT | {"x": json.loads("[" * 60 + "]" * 60)}]),
    "no UTF-8": b'{"slots": ["\xff"]}',
    "UTF-16": text().encode("utf-16"),
    "two documents": text() + text(),
    **{f"a picture named {name!r:.20}": text(slots=[SLOT | {"image": name}]) for name in BAD_NAMES},
    **{f"a mask named {name!r:.20}": text(slots=[SLOT | {"mask": name}]) for name in BAD_NAMES if name},
}


@pytest.mark.parametrize("data", CORRUPT.values(), ids=list(CORRUPT))
def test_what_is_no_manifest_is_refused_with_the_way_out(data):
    with pytest.raises(CorruptData, match="its manifest ") as caught:
        decode(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass"), "p")
    assert "Rebuild" in caught.value.hint


def test_there_are_sixty_of_them():
    assert len(CORRUPT) >= 60


def test_a_manifest_that_is_far_too_large_is_not_parsed():
    with pytest.raises(CorruptData, match="bytes"):
        decode(b" " * 64_000_001, "p")


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


def test_pools_do_not_share_their_lines(large):
    manifests, other = ManifestCache(), manifest_of(COUNT - 1)
    for _ in range(2):
        assert manifests.encoded("p", large) == encode(large)
        assert manifests.encoded("q", other) == encode(other)
