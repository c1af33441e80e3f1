"""What is embedded in saved pictures."""

import json

import pytest

from datasete.system.strict_json import dump


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_does_not_have_become_null(value: float) -> None:
    text = dump({"3": {"is_changed": [value], "inputs": {"seed": 7}}, "4": (value, 1.5)})
    assert json.loads(text, parse_constant=pytest.fail) == {
        "3": {"is_changed": [None], "inputs": {"seed": 7}},
        "4": [None, 1.5],
    }


def test_other_values_are_dumped_as_they_are() -> None:
    assert dump({"a": "größer", "b": [1, None, True]}) == json.dumps({"a": "größer", "b": [1, None, True]})
