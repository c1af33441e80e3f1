"""At which node a person sees a gate, and what it is called there."""

from __future__ import annotations

from typing import Any

import pytest

from datasete.gates.seen_node import SeenNode, find_seen_node


class DynamicPrompt:
    """The display nodes of a run, followed as ComfyUI's ``DynamicPrompt`` follows them."""

    def __init__(self, display: dict[str, str]) -> None:
        self._display = display

    def get_display_node_id(self, node_id: str) -> str:
        while node_id in self._display:
            node_id = self._display[node_id]
        return node_id


def gate(node_id: int, title: str | None = None, **more: object) -> dict[str, Any]:
    return {"id": node_id, "type": "ImageGate"} | ({"title": title} if title else {}) | more


WORKFLOW = {
    "nodes": [
        gate(3, "Which crop?", properties={"routeLabels": ["keep", None, " later "]}),
        gate(5, "Loop end"),
        {"id": 9, "type": "a-subgraph", "title": "Choosing"},
    ],
    "definitions": {
        "subgraphs": [
            {"id": "a-subgraph", "nodes": [gate(2, "Inside"), {"id": 4, "type": "b-subgraph"}]},
            {"id": "b-subgraph", "nodes": [gate(2, "Deeper")]},
        ]
    },
}


@pytest.mark.parametrize(
    ("unique_id", "display", "node_id", "title"),
    [
        ("3", {}, "3", "Which crop?"),
        ("9:2", {}, "9:2", "Inside"),
        ("9:4:2", {}, "9:4:2", "Deeper"),
        ("5.0.0.3", {"5.0.0.3": "3"}, "3", "Which crop?"),
        ("5.0.0.3.0.0.3", {"5.0.0.3.0.0.3": "5.0.0.3", "5.0.0.3": "3"}, "3", "Which crop?"),
        (
            "5.0.0.Recurse.0.0.5.0.0.3",
            {"5.0.0.Recurse.0.0.5.0.0.3": "5.0.0.3", "5.0.0.3": "3", "5.0.0.Recurse": "5"},
            "3",
            "Which crop?",
        ),
        ("9:5.0.0.9:2", {"9:5.0.0.9:2": "9:2"}, "9:2", "Inside"),
        ("5.0.0.1", {"5.0.0.1": "5"}, "5", "Loop end"),
        ("77", {}, "77", ""),
        ("9:77:2", {}, "9:77:2", ""),
    ],
)
def test_a_gate_is_seen_at_the_node_that_stands_for_it(
    unique_id: str, display: dict[str, str], node_id: str, title: str
) -> None:
    found = find_seen_node(WORKFLOW, unique_id, DynamicPrompt(display))
    assert (found.node_id, found.title) == (node_id, title)


def test_labels_come_from_the_node_that_is_seen() -> None:
    seen = find_seen_node(WORKFLOW, "5.0.0.3", DynamicPrompt({"5.0.0.3": "3"}))
    assert seen == SeenNode("3", "Which crop?", ("keep", "", "later"))


@pytest.mark.parametrize(
    "values", [[2, "", "", ["yes", "no"]], [2, "", "", '["yes", "no"]'], {"labels": ["yes", "no"]}]
)
def test_labels_of_older_workflows_lie_among_the_widgets_values(values: object) -> None:
    assert find_seen_node({"nodes": [gate(3, widgets_values=values)]}, "3").labels == ("yes", "no")


@pytest.mark.parametrize(
    "workflow", [None, [], "text", {"nodes": 3}, {"nodes": [None, {"id": 3}]}, {"definitions": [1]}]
)
@pytest.mark.parametrize("dynamic_prompt", [None, {"3": {}}])
def test_without_a_workflow_there_is_only_an_id(workflow: object, dynamic_prompt: object) -> None:
    assert find_seen_node(workflow, "3", dynamic_prompt) == SeenNode("3")


def test_what_is_too_long_is_cut() -> None:
    labels = ["x" * 1000] * 40
    found = find_seen_node({"nodes": [gate(3, "t" * 1000, properties={"routeLabels": labels})]}, "3")
    assert (len(found.title), len(found.labels), len(found.labels[0])) == (100, 10, 40)


@pytest.mark.parametrize("text", ["[" * 100_000, "[sic]"])
def test_a_name_that_starts_with_a_bracket_is_no_label(text: str) -> None:
    assert find_seen_node({"nodes": [gate(3, widgets_values=[2, text, "", text])]}, "3").labels == ()
