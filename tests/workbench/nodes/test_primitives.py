"""Plain values, and any value as text."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("name", "value"),
    [("PrimitiveInt", 7), ("PrimitiveFloat", 0.5), ("PrimitiveString", "x"), ("PrimitiveBoolean", True)],
)
def test_a_primitive_hands_its_value_on(nodes, name, value):
    assert nodes[name].execute(value) == (value,)


@pytest.mark.parametrize(
    ("value", "text"),
    [("plain", "plain"), (3, "3"), (True, "True"), (None, "None"), ({"ä": 1}, '{\n    "ä": 1\n}'), ({1}, "{1}")],
)
def test_any_value_is_shown_as_text(nodes, value, text):
    assert nodes["PreviewAny"].main(value) == {"ui": {"text": (text,)}, "result": (text,)}
