"""Writes what is derived from other files; tests check that nothing of it is out of date.

Run it with ``make requirements``.
"""

import dataclasses
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tests" / "kit"))

from generated_nodes import nodes_page  # noqa: E402 -- found by the line above
from generated_settings import settings_page  # noqa: E402

PREFIX = "datasete_"
HOOKS_HEAD = """# Hooks

Generated from `datasete/plugin/hookspecs.py` by `make requirements`.
[plugins.md](plugins.md) shows how to write a plugin.
"""
TYPES_HEAD = """# What hooks deal in

All of it is imported from `datasete.plugin`.
"""
KINDS = (
    *("PICTURES", "OTHER_PICTURES", "CAPTIONS", "MASK_FOLDERS", "MASK_ENDING"),
    *("LITTER_FOLDERS", "LITTER_FILES", "LITTER_BEGINNINGS", "LITTER_ENDINGS"),
)
VALUES_HEAD = """### Values

| | |
|---|---|
"""
VALUES = {
    "ABSENT": "a condition: write only if nothing is there yet",
    "ANY": "a condition: write whatever is there now",
    "Outline": "the type of a store's method `outline`",
    "Refresh": "the type of a store's method `refresh`",
    "When": "`ANY`, `ABSENT`, or the version that must still be there",
    "as_found_of": "a store's view for names in any Unicode form, if its class has one (see `SupportsAsFound`)",
    "hookimpl": "marks a function as an implementation of the hook of the same name",
    "is_litter": "whether a path within a folder or archive is hidden, a backup, or what systems leave behind",
    "outline_of": "a store's method `outline`, if its class has it (see `SupportsOutline`)",
    "paired": "finds the pictures among paths, with their captions and masks (see `Paired`), and what is left over",
    "read_caption": "the text of a caption's bytes, in whatever encoding; raises `InvalidInput` when it is none",
    "refresh_of": "a store's method `refresh`, if its class has it (see `SupportsRefresh`)",
}
ERRORS_HEAD = """### Errors

Raise these; each takes a sentence that says what happened, and a `hint` that says what is unharmed and what to do.

| | |
|---|---|
"""


def requirements() -> str:
    """What ComfyUI's manager installs: our dependencies without torch, which ComfyUI brings and chooses itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [line for line in project["dependencies"] if not line.startswith("torch")]
    return "\n".join(["# Generated from pyproject.toml by `make requirements`.", *wanted, ""])


def hooks() -> str:
    """The reference of all hooks, from their specifications."""
    from datasete.plugin import hookspecs

    names = sorted(name for name in vars(hookspecs) if name.startswith(PREFIX))
    ordered = sorted(names, key=lambda name: inspect.getsourcelines(getattr(hookspecs, name))[1])
    return "\n".join([HOOKS_HEAD, *(hook(getattr(hookspecs, name)) for name in ordered), types()])


def types() -> str:
    """What hooks deal in: the public names of `datasete.plugin`, in the order of its source."""
    from datasete import errors, plugin

    public = {name: getattr(plugin, name) for name in plugin.__all__}
    classes = {name: each for name, each in public.items() if inspect.isclass(each)}
    faults = {name: each for name, each in classes.items() if issubclass(each, errors.DataseteError)}
    others = "".join(f"| `{name}` | {value} |\n" for name, value in VALUES.items() if name in public)
    errors_table = "".join(f"| `{name}` | {_first(each)} |\n" for name, each in faults.items())
    described = [described_class(name, each) for name, each in classes.items() if name not in faults]
    return "\n".join([TYPES_HEAD, *described, VALUES_HEAD + others, ERRORS_HEAD + errors_table])


def described_class(name: str, each: type) -> str:
    """A class with its fields, or its methods."""
    text = re.sub(r"^Attributes:\n", "", inspect.getdoc(each) or "", flags=re.MULTILINE)
    text = re.sub(r"^    (\w+): ", r"- `\1`: ", text, flags=re.MULTILINE).replace("\n        ", "\n  ")
    methods = [method(*item) for item in vars(each).items() if not item[0].startswith("_")]
    return f"### `{name}{_fields(each)}`\n\n{text}\n".replace("``", "`") + "".join(methods)


def method(name: str, value: object) -> str:
    """A method or property of a protocol, as a paragraph; "" for what is none."""
    function = value.fget if isinstance(value, property) else value
    if not inspect.isfunction(function):
        return ""
    arguments = [_argument(each) for each in inspect.signature(function).parameters.values() if each.name != "self"]
    returns = inspect.signature(function).return_annotation
    shown = f": {returns}" if isinstance(value, property) else f"({', '.join(arguments)}) -> {returns}"
    text = re.sub(r"^Raises:\n", "*Raises* ", inspect.getdoc(function) or "", flags=re.MULTILINE).replace("``", "`")
    return f"\n**`{name}{shown}`** {' '.join(text.split())}\n"


def _argument(each: inspect.Parameter) -> str:
    return f"{each.name}: {each.annotation}" + ("" if each.default is each.empty else f" = {each.default!r}")


def _fields(each: type) -> str:
    if issubclass(each, tuple):  # a NamedTuple, whose fields have their defaults apart
        shown = [f"{name}: {_plain(kind)}" for name, kind in each.__annotations__.items()]
        return f"({', '.join(shown)})"
    if not dataclasses.is_dataclass(each):
        return ""
    return f"({', '.join(f'{field.name}: {field.type}{_default(field)}' for field in dataclasses.fields(each))})"


def _plain(annotation: object) -> str:
    return str(getattr(annotation, "__forward_arg__", annotation))


def _default(field: "dataclasses.Field[object]") -> str:
    if field.default is not dataclasses.MISSING:
        return f" = {field.default!r}"
    return " = {}" if field.default_factory is not dataclasses.MISSING else ""


def _first(each: type) -> str:
    return (inspect.getdoc(each) or "").split("\n\n")[0].replace("\n", " ").replace("``", "`")


def hook(spec: Callable[..., object]) -> str:
    """One hook: its signature as heading, how its answers are taken, its docstring."""
    options = spec.datasete_spec
    kind = "The first answer that is not None counts." if options["firstresult"] else "Every plugin is called."
    text = re.sub(r"^(Args|Raises|Returns):$", r"**\1**\n", inspect.getdoc(spec) or "", flags=re.MULTILINE)
    text = re.sub(r"^    (\w+): ", r"- `\1`: ", text, flags=re.MULTILINE)
    text = text.replace("\n        ", "\n  ")
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


def kinds() -> str:
    """The lists of pictures, captions, masks and litter, for the page."""
    from datasete.sidecars import kinds as module

    lines = ["// Generated from `datasete/sidecars/kinds.py` by `make requirements`.", ""]
    for name in KINDS:
        value = getattr(module, name)
        if isinstance(value, tuple):
            words = textwrap.fill(json.dumps(value)[1:-1], 120, break_long_words=False, break_on_hyphens=False)
            lines.append(f"export const {name} = [\n{textwrap.indent(words, '  ')},\n];")
        else:
            lines.append(f"export const {name} = {json.dumps(value)};")
    return "\n".join([*lines, ""])


GENERATED = {
    "requirements.txt": requirements,
    "docs/hooks.md": hooks,
    "docs/settings.md": settings_page,
    "docs/nodes.md": nodes_page,
    "locales/en/nodeDefs.json": english,
    "web/lib/pool/kinds.js": kinds,
}


if __name__ == "__main__":
    for name, make in GENERATED.items():
        (ROOT / name).write_text(make(), "utf-8")
