"""Writes what is derived from other files; tests check that nothing of it is out of date.

Run it with ``make requirements``.
"""

import inspect
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "datasete_"
HOOKS_HEAD = """# Hooks

Generated from `datasete/hookspecs.py` by `make requirements`. [plugins.md](plugins.md) shows how to write a plugin.
"""


def requirements() -> str:
    """What ComfyUI's manager installs: our dependencies without torch, which ComfyUI brings and chooses itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [line for line in project["dependencies"] if not line.startswith("torch")]
    return "\n".join(["# Generated from pyproject.toml by `make requirements`.", *wanted, ""])


def hooks() -> str:
    """The reference of all hooks, from their specifications."""
    from datasete import hookspecs

    names = sorted(name for name in vars(hookspecs) if name.startswith(PREFIX))
    ordered = sorted(names, key=lambda name: inspect.getsourcelines(getattr(hookspecs, name))[1])
    return "\n".join([HOOKS_HEAD, *(hook(getattr(hookspecs, name)) for name in ordered)])


def hook(spec: Callable[..., object]) -> str:
    """One hook: its signature as heading, how its answers are taken, its docstring."""
    options = spec.datasete_spec
    kind = "The first answer that is not None counts." if options["firstresult"] else "Every plugin is told."
    text = re.sub(r"^(Args|Raises|Returns):$", r"**\1**\n", inspect.getdoc(spec) or "", flags=re.MULTILINE)
    text = re.sub(r"^    (\w+): ", r"- `\1`: ", text, flags=re.MULTILINE)
    signature = str(inspect.signature(spec)).replace("'", "")
    return f"## `{spec.__name__}{signature}`\n\n*{kind}*\n\n{text}\n".replace("``", "`")


def english() -> str:
    """What the nodes say of themselves, in the form that ComfyUI translates."""
    from datasete.nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS

    told = {name: node_words(node, NODE_DISPLAY_NAME_MAPPINGS[name]) for name, node in NODE_CLASS_MAPPINGS.items()}
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def node_words(node: type, title: str) -> dict[str, object]:
    """A node's own words."""
    ports = {
        name: spec for kind, specs in node.INPUT_TYPES().items() if kind != "hidden" for name, spec in specs.items()
    }
    inputs = {name: port_words(name, (spec[1:] or ({},))[0].get("tooltip")) for name, spec in ports.items()}
    outputs = zip(node.RETURN_NAMES, node.OUTPUT_TOOLTIPS, strict=True)
    told = {str(place): port_words(name, tooltip) for place, (name, tooltip) in enumerate(outputs)}
    return {"display_name": title, "description": node.DESCRIPTION, "inputs": inputs, "outputs": told}


def port_words(name: str, tooltip: str | None) -> dict[str, str]:
    """A port's own words."""
    return {"name": name, "tooltip": tooltip} if tooltip else {"name": name}


GENERATED = {"requirements.txt": requirements, "docs/hooks.md": hooks, "locales/en/nodeDefs.json": english}


if __name__ == "__main__":
    for name, make in GENERATED.items():
        (ROOT / name).write_text(make(), "utf-8")
