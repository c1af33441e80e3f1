"""The registry as bytes."""

import json

import pytest

from datasete.errors import CorruptData
from datasete.plugin import Blob
from datasete.profiles import commands
from datasete.profiles.registry import Profile, Registry, decode, encode

ONE = {"id": "9b2d9f9e-5d3b-4b57-9f7e-5f6f0e5a7f10", "name": "samples", "created": 1690000000}
EARLIER = {"profiles": [ONE, {"id": "default", "name": "Größe 🎨 a/b", "created": 1690000001.5}]}


def blob(data):
    return Blob(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass"), "v", 0.0)


def text(**changes):
    return json.dumps(EARLIER | changes)


def test_a_missing_registry_is_empty():
    assert decode(None) == Registry()


def test_a_registry_of_the_earlier_layout_opens_whatever_its_names():
    registry = decode(blob(text()))
    assert [profile.entry for profile in registry.profiles] == EARLIER["profiles"]
    assert json.loads(encode(registry))["profiles"] == EARLIER["profiles"]


def test_unknown_keys_survive_an_edit():
    odd = {"profiles": [ONE | {"color": "red"}], "sort": ["name"]}
    edited = commands.rename(ONE["id"], "new")(decode(blob(json.dumps(odd))))
    document = json.loads(encode(edited))
    assert document["sort"] == ["name"]
    assert document["profiles"] == [ONE | {"color": "red", "name": "new"}]


def test_everything_comes_back_as_it_was_written():
    registry = Registry((Profile("a", "ä\u2028", 1.5, {"k": [1]}), Profile("b", "b")), ("c",), 7, {"x": {}})
    assert decode(blob(encode(registry))) == registry


def entry(**changes):
    return text(profiles=[ONE | changes])


BAD_IDS = ["", "..", "../x", "a/b", "a\\b", "/x", "con", "x" * 65, "a\0", "a\n", " a", "a.", "profiles.json", "e\u0301"]
BAD_IDS += [".locks", "PROFILES.JSON", "C:x", None, 3, [], {}, True, 1.5, "\ud800"]

CORRUPT = {
    "empty": "",
    "spaces": "   ",
    "no JSON": "profiles",
    "cut off": text()[:-5],
    "cut off in a name": text()[:60],
    "zeros": "\0" * 300,
    "a list": "[]",
    "null": "null",
    "a text": '"profiles"',
    "an empty object": "{}",
    "other keys only": '{"version": 1}',
    "profiles an object": text(profiles={}),
    "profiles null": text(profiles=None),
    "profiles a text": text(profiles="x"),
    "a profile a text": text(profiles=["samples"]),
    "a profile null": text(profiles=[None]),
    "a profile a list": text(profiles=[["x"]]),
    "without an id": text(profiles=[{"name": "x"}]),
    "without a name": text(profiles=[{"id": "x"}]),
    "an empty name": entry(name=""),
    "a name a number": entry(name=3),
    "a name null": entry(name=None),
    "a name a list": entry(name=["x"]),
    "the same id twice": text(profiles=[ONE, ONE | {"name": "other"}]),
    "deleted an object": text(deleted={}),
    "deleted with a bad id": text(deleted=["../x"]),
    "deleted with a number": text(deleted=[1]),
    "revision a text": text(revision="1"),
    "revision negative": text(revision=-1),
    "revision a float": text(revision=1.5),
    "revision true": text(revision=True),
    "not a number": '{"profiles": [], "x": NaN}',
    "infinity": '{"profiles": [], "x": 1e999}',
    "nested deeply": '{"profiles": [], "x": ' + "[" * 60 + "]" * 60 + "}",
    "nested beyond the parser": '{"profiles": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "two documents": text() + text(),
    "no UTF-8": b'{"profiles": [{"id": "a", "name": "\xff"}]}',
    "UTF-16": text().encode("utf-16"),
    **{f"an id {value!r:.20}": entry(id=value) for value in BAD_IDS},
}


@pytest.mark.parametrize("data", CORRUPT.values(), ids=list(CORRUPT))
def test_what_is_no_registry_is_refused_with_the_way_out(data):
    with pytest.raises(CorruptData, match="list of profiles") as caught:
        decode(blob(data))
    assert "Rebuild" in caught.value.hint


def test_there_are_sixty_of_them():
    assert len(CORRUPT) >= 60
