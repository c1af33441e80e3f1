"""The command line where no ``datasete`` command is installed: in a clone, and in a clone named like the package."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from clones import copy_pack

CLONE_VERSION = "9.9.9"


def copy_with_own_version(folder: Path) -> Path:
    """A copy that its answers tell from the package that is installed."""
    clone = copy_pack(folder)
    with (clone / "datasete" / "__init__.py").open("a", encoding="utf-8") as file:
        file.write(f'\n__version__ = "{CLONE_VERSION}"\n')
    with (clone / "plugins" / "datasete_queue" / "__init__.py").open("a", encoding="utf-8") as file:
        file.write('\nraise RuntimeError("the plugin of the clone")\n')
    return clone


def call(*arguments: str, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def assert_runs_from_the_clone(*command: str, cwd: Path) -> None:
    assert call(*command, "--version", cwd=cwd) == f"datasete {CLONE_VERSION}\n"
    listed = json.loads(call(*command, "plugins", "--json", "--data", str(cwd / "data"), cwd=cwd))
    faults = {plugin["name"]: plugin["fault"] for plugin in listed if plugin["fault"]}
    assert list(faults) == ["datasete_queue"]
    assert "the plugin of the clone" in faults["datasete_queue"]


@pytest.mark.parametrize("name", ["datasete", "datasete-x", "my.pack v2"])
def test_a_clone_is_a_command_under_any_folder_name(tmp_path: Path, name: str) -> None:
    copy_with_own_version(tmp_path / "custom_nodes" / name)
    assert_runs_from_the_clone(f"custom_nodes/{name}", cwd=tmp_path)


def test_a_clone_named_like_the_package_is_also_a_module_of_the_folder_above_it(tmp_path: Path) -> None:
    copy_with_own_version(tmp_path / "datasete")
    assert_runs_from_the_clone("-m", "datasete", cwd=tmp_path)


def test_the_package_is_a_module_in_the_clone(tmp_path: Path) -> None:
    clone = copy_pack(tmp_path / "clone")
    assert call("-m", "datasete", "--version", cwd=clone).startswith("datasete ")
