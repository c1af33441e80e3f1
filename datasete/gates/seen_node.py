"""The node at which a person sees a gate, and what the workflow that came with its run says about that node.

A run may execute nodes that are on no canvas: a loop copies its body for every further round, and other nodes expand
into graphs of their own. ComfyUI names the node that stands for such a copy, its display node.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

MAX_ROUTES: Final = 10
MAX_ID_LENGTH: Final = 200
MAX_TITLE_LENGTH: Final = 100
MAX_LABEL_LENGTH: Final = 40
FIRST_OLD_LABEL: Final = 3  # older workflows keep labels behind the values of the three widgets


@dataclass(frozen=True)
class SeenNode:
    """The node at which a person sees a gate.

    Attributes:
        node_id: its id, with its path when it is inside a subgraph (``"4:2"``); "" when it is not known.
        title: what it is called on the canvas; "" when it was given no title.
        labels: of its routes, in order; "" for one without a label.
    """

    node_id: str = ""
    title: str = ""
    labels: tuple[str, ...] = ()


def find_seen_node(workflow: object, unique_id: str, dynamic_prompt: object = None) -> SeenNode:
    """Find the node at which a gate is seen.

    Args:
        workflow: the workflow as the browser saved it when it queued the run; anything else counts as none.
        unique_id: the gate's own id in the run.
        dynamic_prompt: ComfyUI's ``DYNPROMPT``, which knows the display nodes; None on other hosts.
    """
    node_id = _display_id(dynamic_prompt, unique_id)
    node = _find(workflow, node_id.split(":"))
    return SeenNode(node_id[:MAX_ID_LENGTH], _title(node), _labels(node))


def _display_id(dynamic_prompt: object, unique_id: str) -> str:
    find = getattr(dynamic_prompt, "get_display_node_id", None)
    found = find(unique_id) if callable(find) else unique_id
    return found if isinstance(found, str) else unique_id


def _find(workflow: object, path: Sequence[str]) -> Mapping[str, object]:
    """Follow a path of node ids through the subgraphs of a workflow; empty when it leads nowhere."""
    subgraphs = {
        entry.get("id"): entry for entry in _entries(_mapping(_mapping(workflow).get("definitions")), "subgraphs")
    }
    graph = _mapping(workflow)
    node: Mapping[str, object] = {}
    for node_id in path:
        node = next((entry for entry in _entries(graph, "nodes") if str(entry.get("id")) == node_id), {})
        kind = node.get("type")
        graph = subgraphs.get(kind, {}) if isinstance(kind, str) else {}
    return node


def _title(node: Mapping[str, object]) -> str:
    title = node.get("title")
    return title.strip()[:MAX_TITLE_LENGTH] if isinstance(title, str) else ""


def _labels(node: Mapping[str, object]) -> tuple[str, ...]:
    labels = _mapping(node.get("properties")).get("routeLabels")
    if not isinstance(labels, list):
        labels = next(_older_labels(node.get("widgets_values")), [])
    return tuple(label.strip()[:MAX_LABEL_LENGTH] if isinstance(label, str) else "" for label in labels[:MAX_ROUTES])


def _older_labels(values: object) -> Iterator[list[object]]:
    """Yield the labels of older workflows, which have them among the values of the widgets: as a list, or as JSON."""
    further = values[FIRST_OLD_LABEL:] if isinstance(values, list) else list(_mapping(values).values())
    for value in further:
        found = _parse(value) if isinstance(value, str) and value.startswith("[") else value
        labels = found if isinstance(found, list) else _mapping(found).get("routeLabels")
        if isinstance(labels, list):
            yield labels


def _parse(text: str) -> object:
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return None  # a name that happens to start with a bracket
    return found


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _entries(owner: Mapping[str, object], name: str) -> list[dict[str, object]]:
    entries = owner.get(name)
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
