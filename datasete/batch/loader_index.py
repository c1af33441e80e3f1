"""Remembers which loader worked on which batch. In memory only, and only for the last loaders."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping
from typing import Any, Final

MAX_LOADERS: Final = 512
"""How many loaders are remembered; the least recently seen one is forgotten first."""


class LoaderIndex:
    """The loaders that were called lately, by run and by workflow."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._files: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._nodes: OrderedDict[tuple[str, str], str] = OrderedDict()

    def note(self, run: str, node: str, workflow: str, key: str) -> None:
        """Remember that the loader `node` of a run, of `workflow` ("" if unknown), works on the batch `key`."""
        with self._lock:
            _put(self._runs, (run, node), key)
            _put(self._nodes, (workflow, node), key)

    def note_file(self, run: str, node: str, name: str) -> None:
        """Remember which file the loader `node` of a run was given."""
        with self._lock:
            _put(self._files, (run, node), name)

    def last_batch(self, workflow: str, node: str) -> str:
        """Return the batch that a workflow's loader worked on last; "" when it was not called."""
        with self._lock:
            return self._nodes.get((workflow, node), "")

    def knows(self, run: str) -> bool:
        """Whether a loader of that run was called."""
        with self._lock:
            return any(of == run for of, _ in self._runs)

    def upstream_batch(self, run: str, node: str, graph: Mapping[str, Any]) -> str:
        """Return the batch of the loader nearest upstream of `node` in a run; "" when there is none."""
        with self._lock:
            loaders = {at: key for (of, at), key in self._runs.items() if of == run}
        return loaders.get(_nearest(loaders, node, graph), "")

    def upstream_file(self, run: str, node: str, graph: Mapping[str, Any]) -> tuple[str, str] | None:
        """Return the batch, and the name of the file, of the loader nearest upstream of `node` in a run."""
        with self._lock:
            keys = {at: key for (of, at), key in self._runs.items() if of == run}
            names = {at: name for (of, at), name in self._files.items() if of == run}
        loader = _nearest(keys, node, graph)
        return (keys[loader], names[loader]) if loader in names else None


def _nearest(loaders: Collection[str], node: str, graph: Mapping[str, Any]) -> str:
    """Return the one of `loaders` nearest upstream of `node`; "" when there is none."""
    # Breadth first, so that the nearest counts; `known`, since a graph of somebody else's may have a cycle.
    waiting, known = [node] if loaders else [], {node}
    for at in waiting:
        if at in loaders:
            return at
        sources = [source for source in _sources(graph.get(at)) if source not in known]
        known.update(sources)
        waiting += sources
    return ""


def _put(known: OrderedDict[tuple[str, str], str], at: tuple[str, str], key: str) -> None:
    known[at] = key
    known.move_to_end(at)
    if len(known) > MAX_LOADERS:
        known.popitem(last=False)


def _sources(node: Any) -> list[str]:
    inputs = node.get("inputs") if isinstance(node, Mapping) else None
    wires = inputs.values() if isinstance(inputs, Mapping) else ()
    return [str(wire[0]) for wire in wires if isinstance(wire, list) and wire]
