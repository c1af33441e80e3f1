"""Writes what is derived from other files; tests check that nothing of it is out of date.

Run it with ``make requirements``.
"""

import sys
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent


def requirements() -> str:
    """What ComfyUI's manager installs: our dependencies without torch, which ComfyUI brings and chooses itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [line for line in project["dependencies"] if not line.startswith("torch")]
    return "\n".join(["# Generated from pyproject.toml by `make requirements`.", *wanted, ""])


GENERATED = {"requirements.txt": requirements}


if __name__ == "__main__":
    for name, make in GENERATED.items():
        (ROOT / name).write_text(make(), "utf-8")
