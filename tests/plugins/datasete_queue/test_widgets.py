"""Widgets with a control setting advance as the frontend advances them."""

import contextlib
import copy
import time

import pytest

from datasete.errors import InvalidInput
from datasete_queue.controls import next_value
from datasete_queue.widgets import advance

SEED = ("INT", {"default": 0, "min": 0, "max": 0xFFFFFFFFFFFFFFFF})
TYPES = {
    "KSampler": {"required": {"model": ("MODEL",), "seed": SEED, "steps": ("INT", {"min": 1, "max": 100})}},
    "Controlled": {"required": {"value": ("INT", {"min": 0, "max": 9, "control_after_generate": True})}},
    "Choice": {"required": {"name": (["a.png", "b.png", "c.jpg"], {"control_after_generate": True})}},
    "Two": {
        "required": {
            "seed": SEED,
            "mode": (["fixed", "free"],),
            "noise_seed": ("INT", {"min": 0, "max": 99}),
        }
    },
    "Uncontrolled": {"required": {"seed": ("INT", {"control_after_generate": False})}},
}


def inputs_of(name):
    return TYPES.get(name, {})


def node(number, kind, values, **more):
    return {"id": number, "type": kind, "widgets_values": values, **more}


def run(prompt, *nodes, steps=1, **workflow):
    prompt = {key: {"class_type": kind, "inputs": inputs} for key, (kind, inputs) in prompt.items()}
    extra = {"extra_pnginfo": {"workflow": {"nodes": list(nodes), **workflow}}, "other": 1}
    before = copy.deepcopy((prompt, extra))
    new, new_extra = advance(prompt, extra, steps, inputs_of)
    assert (prompt, extra) == before
    assert new_extra["other"] == 1
    return new, new_extra["extra_pnginfo"]["workflow"]


@pytest.mark.parametrize(
    ("control", "steps", "expected"),
    [("increment", 1, 8), ("increment", 5, 12), ("decrement", 1, 6), ("decrement", 9, 0), ("fixed", 1, 7)],
)
def test_a_seed_advances_in_the_prompt_and_in_the_workflow(control, steps, expected):
    prompt, workflow = run(
        {"3": ("KSampler", {"model": ["1", 0], "seed": 7, "steps": 20})},
        node(3, "KSampler", [7, control, 20]),
        steps=steps,
    )
    assert prompt["3"]["inputs"] == {"model": ["1", 0], "seed": expected, "steps": 20}
    assert workflow["nodes"][0]["widgets_values"] == [expected, control, 20]


def test_a_random_seed_is_another_one_within_its_range():
    seeds = set()
    for _ in range(50):
        prompt, workflow = run({"3": ("KSampler", {"seed": 7, "steps": 20})}, node(3, "KSampler", [7, "randomize", 20]))
        seed = prompt["3"]["inputs"]["seed"]
        assert workflow["nodes"][0]["widgets_values"][0] == seed
        assert 0 <= seed <= 2**50
        seeds.add(seed)
    assert len(seeds) == 50


def test_a_seed_that_is_wired_stays_wired():
    prompt, _ = run({"3": ("KSampler", {"seed": ["9", 0], "steps": 1})}, node(3, "KSampler", [7, "increment", 1]))
    assert prompt["3"]["inputs"]["seed"] == ["9", 0]


def test_a_control_that_the_node_asks_for():
    prompt, _ = run({"3": ("Controlled", {"value": 9})}, node(3, "Controlled", [9, "increment"]))
    assert prompt["3"]["inputs"]["value"] == 9
    prompt, _ = run({"3": ("Controlled", {"value": 4})}, node(3, "Controlled", [4, "increment"]))
    assert prompt["3"]["inputs"]["value"] == 5


def test_a_seed_that_refuses_a_control_stays():
    prompt, _ = run({"3": ("Uncontrolled", {"seed": 4})}, node(3, "Uncontrolled", [4, "increment"]))
    assert prompt["3"]["inputs"]["seed"] == 4


def test_a_choice_that_is_called_like_a_control_is_none():
    prompt, workflow = run(
        {"3": ("Two", {"seed": 5, "mode": "fixed", "noise_seed": 50})},
        node(3, "Two", [5, "increment", "fixed", 50, "decrement"]),
    )
    assert prompt["3"]["inputs"] == {"seed": 6, "mode": "fixed", "noise_seed": 49}
    assert workflow["nodes"][0]["widgets_values"] == [6, "increment", "fixed", 49, "decrement"]


@pytest.mark.parametrize(
    ("control", "pattern", "expected"),
    [
        ("increment", "", "b.png"),
        ("increment-wrap", "", "b.png"),
        ("decrement", "", "a.png"),
        ("increment", "jpg", "c.jpg"),
        ("randomize", "/^c/", "c.jpg"),
        ("increment", "nothing", "a.png"),
        ("increment", "/(/", "a.png"),
    ],
)
def test_choices_advance_under_their_filter(control, pattern, expected):
    prompt, _ = run({"3": ("Choice", {"name": "a.png"})}, node(3, "Choice", ["a.png", control, pattern]))
    assert prompt["3"]["inputs"]["name"] == expected


def test_choices_wrap_only_when_they_are_to():
    choices = (["a", "b"], {})
    assert next_value("b", "increment", choices, 1) == "b"
    assert next_value("b", "increment-wrap", choices, 1) == "a"


def test_a_step_is_kept():
    assert next_value(0.5, "increment", ("FLOAT", {"min": 0.0, "max": 1.0, "step": 0.25}), 1) == 0.75


def test_text_and_truth_are_left_alone():
    assert next_value("x", "increment", ("STRING", {}), 1) == "x"
    assert next_value(True, "increment", ("BOOLEAN", {}), 1) is True


def test_a_node_in_a_subgraph_advances_in_all_its_places():
    inner = {"id": "abc", "nodes": [node(7, "KSampler", [1, "increment", 5])], "links": []}
    prompt, workflow = run(
        {key: ("KSampler", {"seed": 1, "steps": 5}) for key in ("4:7", "5:7")},
        {"id": 4, "type": "abc"},
        {"id": 5, "type": "abc"},
        definitions={"subgraphs": [inner]},
    )
    assert [prompt[key]["inputs"]["seed"] for key in ("4:7", "5:7")] == [2, 2]
    assert workflow["definitions"]["subgraphs"][0]["nodes"][0]["widgets_values"][0] == 2


def test_a_subgraph_that_holds_itself_ends():
    inner = {"id": "abc", "nodes": [{"id": 1, "type": "abc"}], "links": []}
    prompt, _ = run({"9": ("KSampler", {"seed": 1})}, {"id": 4, "type": "abc"}, definitions={"subgraphs": [inner]})
    assert prompt["9"]["inputs"]["seed"] == 1


def test_a_primitive_sets_all_it_is_wired_to():
    prompt, workflow = run(
        {key: ("KSampler", {"seed": 3, "steps": 5}) for key in ("1", "2")},
        node(9, "PrimitiveNode", [3, "increment"], outputs=[{"links": [10, 11]}]),
        node(1, "KSampler", [3, "fixed", 5], inputs=[{"name": "model"}, {"name": "seed", "widget": {"name": "seed"}}]),
        node(2, "KSampler", [3, "fixed", 5], inputs=[{"name": "seed", "widget": {"name": "seed"}}]),
        links=[[10, 9, 0, 1, 1, "INT"], [11, 9, 0, 2, 0, "INT"]],
    )
    assert [prompt[key]["inputs"]["seed"] for key in ("1", "2")] == [4, 4]
    assert workflow["nodes"][0]["widgets_values"] == [4, "increment"]


@pytest.mark.parametrize("info", [None, {}, {"workflow": 1}])
def test_without_a_workflow_nothing_changes(info):
    extra = {"extra_pnginfo": info}
    prompt = {"3": {"class_type": "KSampler", "inputs": {"seed": 7}}}
    assert advance(prompt, extra, 1, inputs_of) == (prompt, extra)


def test_no_step_changes_nothing():
    prompt, _ = run({"3": ("KSampler", {"seed": 7})}, node(3, "KSampler", [7, "randomize"]), steps=0)
    assert prompt["3"]["inputs"]["seed"] == 7


@pytest.mark.parametrize("broken", [None, {}, [None], ["x"], [7], [7, None], {"seed": 7}])
def test_workflows_in_other_forms_do_no_harm(broken):
    prompt, _ = run({"3": ("KSampler", {"seed": 7})}, node(3, "KSampler", broken), "nonsense", {"id": 4})
    assert prompt["3"]["inputs"]["seed"] == 7


# --- what a workflow may not do to the host --------------------------------------------------------------------------


def nested(levels, each):
    """Definitions that use each other `each` times, so that the deepest node has each ** levels places."""
    graphs = []
    for level in range(levels):
        inside = [{"id": n, "type": f"level-{level + 1}"} for n in range(each)]
        graphs.append({"id": f"level-{level}", "nodes": inside})
    graphs.append({"id": f"level-{levels}", "nodes": [node(3, "KSampler", [7, "increment", 20])]})
    return graphs


def test_definitions_that_use_each_other_again_and_again_cost_nothing():
    path = ":".join(["1", *"012345012345", "3"])
    prompt, workflow = run(
        {path: ("KSampler", {"seed": 7, "steps": 20})}, node(1, "level-0", []), definitions={"subgraphs": nested(12, 6)}
    )
    assert prompt[path]["inputs"]["seed"] == 8
    assert workflow["definitions"]["subgraphs"][-1]["nodes"][0]["widgets_values"][0] == 8


@pytest.mark.parametrize("path", ["1:" * 40 + "3", ":" * 200_000, "1:9:3", "9:3", "1:", ":3"])
def test_paths_that_lead_nowhere(path):
    prompt, _ = run(
        {path: ("KSampler", {"seed": 7, "steps": 20})}, node(1, "level-0", []), definitions={"subgraphs": nested(2, 2)}
    )
    assert prompt[path]["inputs"]["seed"] == 7


def test_a_definition_that_contains_itself():
    own = {"id": "own", "nodes": [{"id": 1, "type": "own"}, node(3, "KSampler", [7, "increment", 20])]}
    prompt, _ = run(
        {"1:3": ("KSampler", {"seed": 7, "steps": 20}), "1:1:3": ("KSampler", {"seed": 7, "steps": 20})},
        node(1, "own", []),
        definitions={"subgraphs": [own]},
    )
    assert [prompt[key]["inputs"]["seed"] for key in ("1:3", "1:1:3")] == [8, 8]


CHOICES = (["a" * 40 + f"{n}.png" for n in range(50)], {})


@pytest.mark.parametrize("pattern", ["/^(a+)+$/", "/(a|a)*b$/", "/^(([a-z])+.)+[A-Z]([a-z])+$/", r"/(a*)*\d\d\d$/"])
def test_an_expression_that_would_take_years_is_refused_or_answered_at_once(pattern):
    before = time.monotonic()
    with contextlib.suppress(InvalidInput):
        assert next_value(CHOICES[0][0], "increment", CHOICES, 1, pattern) in CHOICES[0]
    assert time.monotonic() - before < 10


def test_an_expression_that_takes_too_long_is_refused_in_words():
    with pytest.raises(InvalidInput, match=r"“/\^\(a\|a\)\+\$/” beside a widget takes too long"):
        next_value("x", "increment", (["a" * 60 + "!"], {}), 1, "/^(a|a)+$/")


def test_an_expression_of_a_thousand_characters_is_the_longest():
    assert next_value("a", "increment", (["a", "b"], {}), 1, "/" + "." * 998 + "/") == "a"
    with pytest.raises(InvalidInput, match="longer than 1000"):
        next_value("a", "increment", (["a", "b"], {}), 1, "/" + "." * 999 + "/")


def test_what_is_no_expression_is_a_text():
    assert next_value("(/b", "increment", (["(/b", "/(/", "x/(/y"], {}), 1, "/(/") == "/(/"
