"""Registers node classes, and describes them to the frontend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from datasete.workbench.prompts.graph import NodeClass


class Registry:
    """Node classes by id, with their titles and the module they are listed under."""

    def __init__(self) -> None:
        self.classes: dict[str, NodeClass] = {}
        self._titles: dict[str, str] = {}
        self._modules: dict[str, str] = {}

    def add(self, classes: Mapping[str, NodeClass], titles: Mapping[str, str], module: str) -> None:
        """Add nodes; `module` is what ComfyUI calls ``python_module``: ``nodes``, ``custom_nodes.datasete``…"""
        self.classes.update(classes)
        self._titles.update(titles)
        self._modules.update(dict.fromkeys(classes, module))

    def describe(self, name: str) -> dict[str, Any]:
        """Return one node as ``/object_info`` lists it, in ComfyUI's form."""
        node = self.classes[name]
        types = node.INPUT_TYPES()
        returned = node.RETURN_TYPES
        info = {
            "input": types,
            "input_order": {group: list(inputs) for group, inputs in types.items()},
            "is_input_list": getattr(node, "INPUT_IS_LIST", False),
            "output": returned,
            "output_is_list": getattr(node, "OUTPUT_IS_LIST", [False] * len(returned)),
            "output_name": getattr(node, "RETURN_NAMES", returned),
            "name": name,
            "display_name": self._titles.get(name, name),
            "description": getattr(node, "DESCRIPTION", ""),
            "python_module": self._modules[name],
            "category": getattr(node, "CATEGORY", "sd"),
            # `is True`, as nodes of some packs have a method or a text of this name.
            "output_node": getattr(node, "OUTPUT_NODE", False) is True,
            "has_intermediate_output": getattr(node, "HAS_INTERMEDIATE_OUTPUT", False) is True,
            "search_aliases": getattr(node, "SEARCH_ALIASES", []),
        }
        return info | _extras(node)

    def describe_all(self) -> dict[str, Any]:
        """Return all nodes, by id."""
        return {name: self.describe(name) for name in self.classes}


def _extras(node: NodeClass) -> dict[str, Any]:
    flags = {"DEPRECATED": "deprecated", "EXPERIMENTAL": "experimental", "DEV_ONLY": "dev_only"}
    found: dict[str, Any] = {key: True for name, key in flags.items() if getattr(node, name, False)}
    given = {"OUTPUT_TOOLTIPS": "output_tooltips", "ESSENTIALS_CATEGORY": "essentials_category", "API_NODE": "api_node"}
    return found | {key: getattr(node, name) for name, key in given.items() if hasattr(node, name)}
