"""The core nodes that the examples need, under ComfyUI's own ids and with its ports."""

from __future__ import annotations

from datasete.workbench.folders import Folders
from datasete.workbench.nodes import images, lists, loading, masks, primitives, saving
from datasete.workbench.registry import Registry


def add_core_nodes(registry: Registry, folders: Folders) -> None:
    """Add all core nodes to `registry`, reading and writing in `folders`."""
    for part in (loading, saving, images, lists, masks, primitives):
        for module, nodes in part.NODES.items():
            bound = {name: type(node.__name__, (node,), {"folders": folders}) for name, (node, _) in nodes.items()}
            registry.add(bound, {name: title for name, (_, title) in nodes.items()}, module)
