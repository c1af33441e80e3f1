"""JSON that every reader takes."""

import json

import pytest

from datasete.system import strict_json as module
from datasete.system.strict_json import MAX_DEPTH, dump, load, load_leniently


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": -Infinity}', "[1e999]", "[-1e999]", "[", "", "{'a': 1}"])
def test_what_is_no_json_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        load(text.encode())


def test_what_is_json_comes_back():
    value = {"a": [1, 1.5, -2e10, True, None, "größer 😀"], "b": {}}
    assert load(dump(value).encode()) == value
    assert load("\ufeff[1]".encode()) == [1]


@pytest.mark.parametrize("brackets", ["[]", '{"a":}'])
def test_depth_is_bounded_and_brackets_in_texts_do_not_count(brackets):
    opening, closing = brackets[:-1], brackets[-1]

    def nested(depth):
        return (opening * depth + ("1" if "{" in opening else "") + closing * depth).encode()

    assert load(nested(MAX_DEPTH))
    for depth in (MAX_DEPTH + 1, 950, 100_000):
        with pytest.raises(ValueError, match="deeper than 200 levels"):
            load(nested(depth))
    assert load(json.dumps(["[" * 10_000, "]" * 10_000]).encode())


def test_what_an_earlier_version_wrote_is_read_with_null_for_what_is_no_number():
    assert load_leniently(b'{"a": [NaN, 1e999, 1.5]}') == {"a": [None, None, 1.5]}
    with pytest.raises(ValueError, match="deeper"):
        load_leniently(b"[" * 100_000)


def test_what_nodes_returned_is_written_all_the_same():
    assert json.loads(dump({"a": (float("nan"), {1}), "b": float("inf")})) == {"a": [None, "{1}"], "b": None}


def test_a_large_text_comes_back_and_is_checked_as_a_small_one(monkeypatch):
    monkeypatch.setattr(module, "LARGE_CHARACTERS", 10)
    value = {
        "prompt": {str(n): {"inputs": {"a": ["x", 1.5], "b": {}}, "c": [{}]} for n in range(200)},
        "n": 1,
        "l": [{}],
    }
    assert load(json.dumps(value, indent=1).encode()) == value
    for text in (
        '{"a": {"b": {"c": NaN}}}',
        '{"a": {"b": 1e999}}',
        '{"a": {"b": 1}, }',
        '{"a": {"b"',
        "[" * 300 + "]" * 300,
    ):
        with pytest.raises(ValueError, match=r"."):
            load(text.encode())
