"""What can run, and how the frontend is told why something cannot."""

from __future__ import annotations

import pytest

from datasete.workbench.prompts.faults import fits
from datasete.workbench.prompts.validation import validate


def node_class(required=None, optional=None, returns=("INT",), **attributes):
    types = {"required": required or {}, "optional": optional or {}}
    body = {"INPUT_TYPES": classmethod(lambda cls: types), "RETURN_TYPES": returns, "FUNCTION": "run"}
    return type("Node", (), body | attributes)


CLASSES = {
    "Number": node_class({"value": ("INT", {"min": 1, "max": 10})}),
    "Text": node_class(returns=("STRING",)),
    "Any": node_class({"value": ("*", {})}, returns=("*",)),
    "Show": node_class({"number": ("INT", {})}, {"note": ("STRING", {})}, OUTPUT_NODE=True),
    "Pick": node_class({"which": (["a", "b"],)}, OUTPUT_NODE=True),
    "PickNew": node_class({"which": ("COMBO", {"options": ["a", "b"]})}, OUTPUT_NODE=True),
    "PickMany": node_class({"which": ("COMBO", {"options": list("abc"), "multiselect": True})}, OUTPUT_NODE=True),
    "Kinds": node_class(
        {"i": ("INT", {}), "f": ("FLOAT", {}), "s": ("STRING", {}), "b": ("BOOLEAN", {})}, OUTPUT_NODE=True
    ),
    "Own": node_class(
        {"name": ("STRING", {"min": 1}), "size": ("INT", {"max": 3})},
        VALIDATE_INPUTS=classmethod(lambda cls, name: name == "fine" or f"{name} is not fine"),
        OUTPUT_NODE=True,
    ),
    "Types": node_class(
        {"number": ("INT", {})}, VALIDATE_INPUTS=classmethod(lambda cls, input_types: True), OUTPUT_NODE=True
    ),
}


def prompt(**nodes):
    return {key.lstrip("n"): {"class_type": kind, "inputs": inputs} for key, (kind, inputs) in nodes.items()}


async def faults(checked, node="1"):
    verdict = await validate(checked, CLASSES)
    assert verdict.error["type"] == "prompt_outputs_failed_validation"
    return [(found["type"], found["extra_info"].get("input_name")) for found in verdict.node_errors[node]["errors"]]


async def test_a_prompt_that_can_run_names_its_outputs():
    verdict = await validate(prompt(n1=("Number", {"value": 3}), n2=("Show", {"number": ["1", 0]})), CLASSES)

    assert verdict.outputs == ["2"]
    assert verdict.error is None
    assert verdict.node_errors == {}


async def test_an_unknown_node_is_named():
    unknown = {"9": {"class_type": "Gone", "inputs": {}, "_meta": {"title": "My node"}}}
    verdict = await validate(unknown, CLASSES)

    assert verdict.error["type"] == "missing_node_type"
    assert "My node" in verdict.error["message"]
    assert verdict.error["extra_info"] == {"node_id": "9", "class_type": "Gone", "node_title": "My node"}


async def test_a_node_without_a_class_is_named():
    verdict = await validate({"9": {"inputs": {}}}, CLASSES)

    assert verdict.error["type"] == "missing_node_type"


async def test_a_prompt_without_outputs_is_refused():
    verdict = await validate(prompt(n1=("Number", {"value": 3})), CLASSES)

    assert verdict.error["type"] == "prompt_no_outputs"


async def test_a_partial_run_checks_its_targets_only():
    both = prompt(n1=("Pick", {"which": "a"}), n2=("Pick", {"which": "nothing"}))
    verdict = await validate(both, CLASSES, ["1"])

    assert verdict.outputs == ["1"]
    assert verdict.node_errors == {}


async def test_a_partial_run_of_no_output_is_refused():
    verdict = await validate(prompt(n1=("Pick", {"which": "a"})), CLASSES, ["7"])

    assert verdict.error["type"] == "prompt_no_outputs"


async def test_one_bad_output_leaves_the_others_to_run():
    both = prompt(n1=("Pick", {"which": "a"}), n2=("Pick", {"which": "nothing"}))
    verdict = await validate(both, CLASSES)

    assert verdict.outputs == ["1"]
    assert verdict.error is None
    assert list(verdict.node_errors) == ["2"]
    assert verdict.node_errors["2"]["dependent_outputs"] == ["2"]
    assert verdict.node_errors["2"]["class_type"] == "Pick"


@pytest.mark.parametrize(
    ("kind", "inputs", "expected"),
    [
        ("Show", {}, ("required_input_missing", "number")),
        ("Show", {"number": "many"}, ("invalid_input_type", "number")),
        ("Show", {"number": ["1"]}, ("bad_linked_input", "number")),
        ("Show", {"number": ["7", 0]}, ("bad_linked_input", "number")),
        ("Show", {"number": ["2", 5]}, ("bad_linked_input", "number")),
        ("Show", {"number": ["3", 0]}, ("return_type_mismatch", "number")),
        ("Pick", {"which": "c"}, ("value_not_in_list", "which")),
        ("PickNew", {"which": "c"}, ("value_not_in_list", "which")),
        ("PickMany", {"which": {"__value__": ["a", "x"]}}, ("value_not_in_list", "which")),
        ("Own", {"name": "bad", "size": 1}, ("custom_validation_failed", "name")),
        ("Own", {"name": "fine", "size": 9}, ("value_bigger_than_max", "size")),
    ],
)
async def test_a_bad_input_is_named_with_its_fault(kind, inputs, expected):
    checked = prompt(n1=(kind, inputs), n2=("Number", {"value": 1}), n3=("Text", {}))

    assert await faults(checked) == [expected]


@pytest.mark.parametrize(("value", "expected"), [(0, "value_smaller_than_min"), (11, "value_bigger_than_max")])
async def test_a_number_out_of_range_is_shown_at_its_node(value, expected):
    checked = prompt(n1=("Show", {"number": ["2", 0]}), n2=("Number", {"value": value}))

    assert await faults(checked, "2") == [(expected, "value")]


async def test_a_node_behind_a_bad_one_is_not_blamed():
    checked = prompt(n1=("Show", {"number": ["2", 0]}), n2=("Number", {"value": 0}))
    verdict = await validate(checked, CLASSES)

    assert list(verdict.node_errors) == ["2"]
    assert verdict.node_errors["2"]["dependent_outputs"] == ["1"]


async def test_several_values_may_be_picked_where_the_widget_allows_it():
    verdict = await validate(prompt(n1=("PickMany", {"which": {"__value__": ["a", "c"]}})), CLASSES)

    assert verdict.outputs == ["1"]


async def test_widget_values_become_what_the_input_says():
    checked = prompt(n1=("Kinds", {"i": "3", "f": "0.5", "s": 7, "b": 1}))
    await validate(checked, CLASSES)

    assert checked["1"]["inputs"] == {"i": 3, "f": 0.5, "s": "7", "b": True}


async def test_a_nodes_own_validation_says_why():
    verdict = await validate(prompt(n1=("Own", {"name": "bad", "size": 1})), CLASSES)

    assert verdict.node_errors["1"]["errors"][0]["details"] == "name - bad is not fine"


async def test_a_node_that_checks_types_itself_is_not_second_guessed():
    checked = prompt(n1=("Types", {"number": ["2", 0]}), n2=("Text", {}))

    assert (await validate(checked, CLASSES)).outputs == ["1"]


async def test_a_validation_that_fails_is_a_fault_of_its_node():
    def broken(cls, name):
        raise RuntimeError("oh")

    classes = {"Bad": node_class({"name": ("STRING", {})}, VALIDATE_INPUTS=classmethod(broken), OUTPUT_NODE=True)}
    verdict = await validate(prompt(n1=("Bad", {"name": "x"})), classes)

    (found,) = verdict.node_errors["1"]["errors"]
    assert found["type"] == "exception_during_validation"
    assert found["extra_info"]["exception_type"] == "RuntimeError"


async def test_an_asynchronous_validation_is_awaited():
    async def slow(cls, name):
        return "no"

    classes = {"Slow": node_class({"name": ("STRING", {})}, VALIDATE_INPUTS=classmethod(slow), OUTPUT_NODE=True)}
    verdict = await validate(prompt(n1=("Slow", {"name": "x"})), classes)

    assert verdict.node_errors["1"]["errors"][0]["details"] == "name - no"


async def test_a_circle_is_refused_and_shown():
    circle = prompt(n1=("Any", {"value": ["2", 0]}), n2=("Any", {"value": ["1", 0]}), n3=("Show", {"number": ["1", 0]}))
    verdict = await validate(circle, CLASSES)

    assert verdict.error["type"] == "prompt_outputs_failed_validation"
    assert {found["type"] for found in verdict.node_errors["1"]["errors"]} == {"dependency_cycle"}
    assert verdict.node_errors["1"]["errors"][0]["details"] == "1 (Any) -> 2 (Any) -> 1 (Any)"


@pytest.mark.parametrize(
    ("received", "wanted", "answer"),
    [
        ("IMAGE", "IMAGE", True),
        ("IMAGE", "MASK", False),
        ("*", "MASK", True),
        ("IMAGE", "*", True),
        ("INT,FLOAT", "FLOAT", True),
        ("INT", "STRING, INT", True),
        (["a", "b"], "COMBO", True),
        (["a", "b"], "STRING", False),
    ],
)
def test_types_fit_as_in_comfyui(received, wanted, answer):
    assert fits(received, wanted) is answer
