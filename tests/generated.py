"""Writes what is derived from other files; tests check that nothing of it is out of date.

Run it with ``make requirements``.
"""

import inspect
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


GENERATED = {"requirements.txt": requirements, "docs/hooks.md": hooks}


if __name__ == "__main__":
    for name, make in GENERATED.items():
        (ROOT / name).write_text(make(), "utf-8")
