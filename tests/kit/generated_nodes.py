"""Writes docs/nodes.md from what the nodes declare."""

from __future__ import annotations

from itertools import groupby
from typing import Any

HEAD = """# Nodes

Generated from `datasete/nodes` by `make requirements`. Every node has a help page with more: select the node and press
`?` in ComfyUI, or follow the link below.

| node | what it does |
|---|---|
"""


def nodes_page() -> str:
    """An index of all nodes, then each with its ports."""
    from datasete.nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS

    titles = NODE_DISPLAY_NAME_MAPPINGS
    index = "".join(
        f"| [{titles[name]}](#{name.lower()}) | {node.DESCRIPTION.partition('. ')[0].rstrip('.')}. |\n"
        for name, node in NODE_CLASS_MAPPINGS.items()
    )
    return HEAD + index + "".join(described(name, node, titles[name]) for name, node in NODE_CLASS_MAPPINGS.items())


def described(name: str, node: Any, title: str) -> str:
    """A node: what it does, its inputs, its outputs."""
    inputs = [
        input_row(key, spec, optional=kind == "optional")
        for kind, specs in node.INPUT_TYPES().items()
        if kind != "hidden"
        for key, spec in specs.items()
    ]
    outputs = output_rows([*zip(node.RETURN_NAMES, node.RETURN_TYPES, node.OUTPUT_TOOLTIPS, strict=True)])
    lines = [
        "",
        f"## {name}",
        "",
        f"*{title}*, in `{node.CATEGORY}`. {node.DESCRIPTION} [Help page](../web/docs/{name}.md)",
        "",
        "| input | type | default | |",
        "|---|---|---|---|",
        *inputs,
        "",
        "| output | type | |",
        "|---|---|---|",
        *outputs,
        "",
    ]
    return "\n".join(lines)


def output_rows(ports: list[tuple[str, str, str]]) -> list[str]:
    """The outputs; neighbours of one type that do the same share a row."""
    rows = []
    for (kind, tooltip), same in groupby(ports, key=lambda port: port[1:]):
        names = [name for name, *_ in same]
        shown = f"`{names[0]}`" if len(names) == 1 else f"`{names[0]}` … `{names[-1]}`"
        rows.append(f"| {shown} | {kind} | {tooltip} |")
    return rows


def input_row(key: str, spec: tuple[Any, ...], *, optional: bool) -> str:
    """An input with its type, its default, and what it is for."""
    options = spec[1] if len(spec) > 1 else {}
    choices = spec[0] if isinstance(spec[0], list) else options.get("options")
    kind = ", ".join(f"*{choice}*" for choice in choices) if choices else spec[0] + limits(options)
    default = options.get("default", choices[0] if choices else None)
    shown = "" if default is None else "empty" if default == "" else f"`{default}`"
    note = " Optional." if optional and default is None else ""
    return f"| `{key}` | {kind} | {shown} | {options.get('tooltip', '')}{note} |"


def limits(options: dict[str, Any]) -> str:
    """The range of a number."""
    return f" {options['min']}…{options['max']}" if "min" in options and "max" in options else ""
