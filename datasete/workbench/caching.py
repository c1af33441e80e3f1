"""Caches the results of the last run, by what they depend on."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

from datasete.workbench.node_calls import NodeResult
from datasete.workbench.prompts.graph import NodeClass, Prompt, is_link


class OutputCache:
    """Results by signature. Only what the last run could use is kept, so a changed input frees its pictures."""

    def __init__(self) -> None:
        self._entries: dict[str, NodeResult] = {}

    def get(self, signature: str | None) -> NodeResult | None:
        """Return the result under a signature; None as well for a node that is never cached."""
        return None if signature is None else self._entries.get(signature)

    def put(self, signature: str | None, result: NodeResult) -> None:
        """Cache a result, unless its node is never cached."""
        if signature is not None:
            self._entries[signature] = result

    def keep_only(self, signatures: Mapping[str, str | None]) -> None:
        """Drop what no node of the coming run could use."""
        wanted = set(signatures.values())
        self._entries = {key: entry for key, entry in self._entries.items() if key in wanted}


def signature(
    prompt: Prompt,
    node_id: str,
    node_class: NodeClass,
    changed: object,
    known: Mapping[str, str | None],
) -> str | None:
    """Return a digest of all that a node's result depends on, or None when it must run every time.

    Args:
        prompt: the whole prompt.
        node_id: the node.
        node_class: its class.
        changed: what IS_CHANGED returned; a NaN anywhere in it means that the node always runs.
        known: the signatures of the nodes upstream.
    """
    parts: list[object] = [prompt[node_id]["class_type"], _text(changed)]
    # A node that is told its own id may return something else under another id.
    if _knows_itself(node_class):
        parts.append(node_id)
    for name, value in sorted(prompt[node_id].get("inputs", {}).items()):
        if is_link(value):
            source = known.get(value[0])
            # A node that runs every time may return something else every time, so all behind it run as well.
            if source is None:
                return None
            parts.append((name, source, value[1]))
        else:
            parts.append((name, _text(value)))
    return None if _has_nan(changed) else hashlib.sha256(repr(parts).encode()).hexdigest()


def _knows_itself(node_class: NodeClass) -> bool:
    hidden = node_class.INPUT_TYPES().get("hidden", {})
    return "UNIQUE_ID" in hidden.values() or bool(getattr(node_class, "NOT_IDEMPOTENT", False))


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=repr)


def _has_nan(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(_has_nan(item) for item in value)
    return isinstance(value, float) and math.isnan(value)
