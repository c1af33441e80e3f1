"""Reads prompts as the frontend sends them: nodes by id, with inputs that are values or links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

NodeClass: TypeAlias = Any
"""A ComfyUI node class: its attributes (``INPUT_TYPES``, ``FUNCTION``…) are agreed by name, not by type."""

Prompt: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Node id to ``{"class_type", "inputs"}``. Ids are text and may hold a path: ``"4:2"``."""


def is_link(value: object) -> bool:
    """Whether an input is a link ``[node id, output index]``."""
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int)


def links(prompt: Prompt, node_id: str) -> Iterator[tuple[str, str, int]]:
    """Yield ``(input name, source node id, source output)`` for each linked input of a node."""
    for name, value in prompt[node_id].get("inputs", {}).items():
        if is_link(value):
            yield name, value[0], value[1]


def sources(prompt: Prompt, node_id: str) -> set[str]:
    """Return the nodes that a node takes its inputs from."""
    return {source for _, source, _ in links(prompt, node_id)}


def upstream(prompt: Prompt, targets: Iterable[str]) -> list[str]:
    """Return the targets and all they depend on, each after its sources. The prompt must be free of cycles."""
    # A stack instead of recursion: a workflow may be a chain of a thousand nodes.
    order: dict[str, None] = {}
    stack = [(target, False) for target in reversed(list(targets))]
    while stack:
        node_id, sources_done = stack.pop()
        if sources_done:
            order[node_id] = None
        elif node_id not in order:
            stack.append((node_id, True))
            stack.extend((source, False) for _, source, _ in links(prompt, node_id) if source not in order)
    return list(order)


def is_output(node_class: NodeClass) -> bool:
    """Whether a node is a reason to run a prompt."""
    return getattr(node_class, "OUTPUT_NODE", False) is True


def input_spec(types: Mapping[str, Any], name: str) -> tuple[Any, str, Mapping[str, Any]] | None:
    """Return ``(type, group, options)`` of an input, or None when the class declares no such input."""
    for group in ("required", "optional", "hidden"):
        spec = types.get(group, {}).get(name)
        if spec is not None:
            declared: Sequence[Any] = (spec,) if isinstance(spec, str) else spec
            return declared[0], group, declared[1] if len(declared) > 1 else {}
    return None
