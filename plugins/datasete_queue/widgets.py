"""Advances seeds and other widgets with a control setting, as the frontend does when a person queues.

The settings come from the workflow that is sent with a prompt: in ``widgets_values`` a control's value follows the
value that it controls. New values go into the prompt and into the workflow, so that a picture's metadata say what
made it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from datasete_queue.controls import CONTROLS, next_value
from datasete_queue.dynamic import resolve

NodeInputs: TypeAlias = Callable[[str], Mapping[str, Any]]
Json: TypeAlias = dict[str, Any]

IMPLIED = ("seed", "noise_seed")
"""Inputs to which the frontend adds a control although their node does not ask for one."""

MAX_DEPTH = 32
"""How many subgraphs may be inside each other."""

DYNAMIC = "datasete_dynamic"
"""The key of a prompt's extra data with dynamic prompts as they were typed, by node and input; our page sends them."""


def advance(
    prompt: Mapping[str, Any], extra_data: Mapping[str, Any], steps: int, node_inputs: NodeInputs
) -> tuple[Json, Json]:
    """Return the prompt and its extra data for the run `steps` later; the arguments are not changed.

    Without a workflow in the extra data no control settings are known, and nothing changes.
    """
    info = extra_data.get("extra_pnginfo")
    workflow = info.get("workflow") if isinstance(info, dict) else None
    if steps <= 0 or not isinstance(info, dict) or not isinstance(workflow, dict):
        return dict(prompt), dict(extra_data)
    # Copied, since the host shows and stores the same objects as the last run's.
    workflow = copy.deepcopy(workflow)
    changed = _Advance({key: _copied(node) for key, node in prompt.items()}, steps, node_inputs)
    graphs = list(_graphs(workflow, prompt))
    for graph, paths in graphs:
        changed.graph(graph, paths)
    changed.texts(extra_data.get(DYNAMIC), graphs)
    return changed.prompt, {**extra_data, "extra_pnginfo": {**info, "workflow": workflow}}


def _copied(node: Any) -> Any:
    return {**node, "inputs": dict(node.get("inputs") or {})} if isinstance(node, dict) else node


def _graphs(workflow: Json, prompt: Mapping[str, Any]) -> Iterator[tuple[Json, list[str]]]:
    """Yield the root graph and every subgraph definition that runs, each with the id prefixes of its nodes.

    The prefixes come from the prompt, which names every node that runs. Followed from the workflow, a few definitions
    that use each other several times would be billions of places.
    """
    yield workflow, [""]
    definitions = (workflow.get("definitions") or {}).get("subgraphs") or []
    by_id = {str(graph.get("id")): graph for graph in definitions if isinstance(graph, dict)}
    kinds = {id(graph): _kinds(graph) for graph in (workflow, *by_id.values())}
    paths: dict[str, list[str]] = {}
    for prefix in dict.fromkeys(key.rpartition(":")[0] for key in prompt if 0 < key.count(":") <= MAX_DEPTH):
        graph, kind = workflow, ""
        for part in prefix.split(":"):
            kind = kinds[id(graph)].get(part, "")
            if kind not in by_id:
                break
            graph = by_id[kind]
        else:
            paths.setdefault(kind, []).append(f"{prefix}:")
    for key, found in paths.items():
        yield by_id[key], found


def _kinds(graph: Json) -> dict[str, str]:
    return {str(node.get("id")): str(node.get("type")) for node in _nodes(graph)}


def _nodes(graph: Json) -> list[Json]:
    return [node for node in graph.get("nodes") or [] if isinstance(node, dict)]


@dataclass
class _Advance:
    prompt: Json
    steps: int
    node_inputs: NodeInputs

    def graph(self, graph: Json, paths: Sequence[str]) -> None:
        for node in _nodes(graph):
            values = node.get("widgets_values")
            if not isinstance(values, list):
                continue
            if node.get("type") == "PrimitiveNode":
                self._primitive(graph, node, values, paths)
            else:
                self._node([f"{path}{node.get('id')}" for path in paths], values)

    def texts(self, typed: Any, graphs: Sequence[tuple[Json, Sequence[str]]]) -> None:
        """Choose again in texts such as ``{red|blue} coat``, of which the prompt only has what was chosen."""
        for key, inputs in typed.items() if isinstance(typed, Mapping) else ():
            node = self.prompt.get(key)
            if not isinstance(node, dict) or not isinstance(inputs, Mapping):
                continue
            for name, text in inputs.items():
                before = node["inputs"].get(name)
                if isinstance(text, str) and isinstance(before, str):
                    node["inputs"][name] = chosen = resolve(text)
                    _replace_value(graphs, key, before, chosen)

    def _node(self, ids: Sequence[str], values: list[Any]) -> None:
        running = [key for key in ids if key in self.prompt]
        if not running:
            return
        inputs = self.prompt[running[0]]["inputs"]
        controlled = _controlled(self.node_inputs(self.prompt[running[0]].get("class_type", "")))
        for name, at in _places(values, controlled, inputs):
            new = self._next(values, at, controlled[name], inputs.get(name, values[at]))
            values[at] = new
            self._put(running, name, new)

    def _primitive(self, graph: Json, node: Json, values: list[Any], paths: Sequence[str]) -> None:
        targets = [
            (f"{path}{target}", name)
            for target, name in _targets(graph, node)
            for path in paths
            if f"{path}{target}" in self.prompt
        ]
        if not targets or len(values) < 2 or values[1] not in CONTROLS:
            return
        key, name = targets[0]
        spec = _specs(self.node_inputs(self.prompt[key].get("class_type", ""))).get(name, ("*",))
        values[0] = self._next(values, 0, spec, self.prompt[key]["inputs"].get(name, values[0]))
        for key, name in targets:
            self._put([key], name, values[0])

    def _next(self, values: list[Any], at: int, spec: Sequence[Any], value: Any) -> Any:
        pattern = values[at + 2] if len(values) > at + 2 and isinstance(values[at + 2], str) else ""
        return next_value(value, values[at + 1], spec, self.steps, pattern)

    def _put(self, ids: Sequence[str], name: str, value: Any) -> None:
        for key in ids:
            inputs = self.prompt[key]["inputs"]
            if name in inputs and not isinstance(inputs[name], list):  # a list is a wire
                inputs[name] = value


def _replace_value(graphs: Sequence[tuple[Json, Sequence[str]]], key: str, before: str, after: str) -> None:
    """Put a text into the workflow as well, where it has what the prompt had."""
    prefix, _, number = key.rpartition(":")
    for graph, paths in graphs:
        if (f"{prefix}:" if prefix else "") in paths:
            for node in _nodes(graph):
                values = node.get("widgets_values")
                if str(node.get("id")) == number and isinstance(values, list) and before in values:
                    values[values.index(before)] = after


def _specs(types: Mapping[str, Any]) -> dict[str, Sequence[Any]]:
    return {name: spec for group in ("required", "optional") for name, spec in (types.get(group) or {}).items()}


def _controlled(types: Mapping[str, Any]) -> dict[str, Sequence[Any]]:
    """The inputs with a control, in order."""

    def asks(name: str, spec: Sequence[Any]) -> bool:
        options = spec[1] if len(spec) > 1 and isinstance(spec[1], Mapping) else {}
        return bool(options.get("control_after_generate", spec[0] == "INT" and name in IMPLIED))

    return {name: spec for name, spec in _specs(types).items() if asks(name, spec)}


def _places(values: list[Any], names: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Find each controlled input in `values`: in order, right before a control's value, and equal to the prompt's."""
    places = [at for at in range(len(values) - 1) if isinstance(values[at + 1], str) and values[at + 1] in CONTROLS]
    found: list[tuple[str, int]] = []
    left = list(names)
    for at in places:
        match = next((name for name in left if inputs.get(name) == values[at]), None)
        if match is None and len(places) == len(names):
            match = left[0]
        if match is not None:
            found.append((match, at))
            left = left[left.index(match) + 1 :]
    return found


def _targets(graph: Json, node: Json) -> Iterator[tuple[Any, str]]:
    """Yield the inputs that a primitive node sets: node id and input name."""
    wires = {link[0]: (link[3], link[4]) for link in graph.get("links") or [] if isinstance(link, list)}
    wires |= {
        link["id"]: (link["target_id"], link["target_slot"])
        for link in graph.get("links") or []
        if isinstance(link, dict)
    }
    nodes = {each.get("id"): each for each in _nodes(graph)}
    for output in node.get("outputs") or []:
        for link in output.get("links") or []:
            target, slot = wires.get(link, (None, 0))
            inputs = nodes.get(target, {}).get("inputs") or []
            if slot < len(inputs):
                yield target, (inputs[slot].get("widget") or {}).get("name") or inputs[slot].get("name", "")
