"""The browser modules depend on each other one way, and those in ``web/lib`` do nothing when they are imported."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

LIB = Path(__file__).parents[1] / "web" / "lib"
MODULES = sorted(LIB.rglob("*.js"))
LAYERS: dict[str, set[str]] = {
    ".": set(),  # the core, which all others may use
    "painter": set(),
    "batch": set(),
    "bus": {"viewer"},
    "status": set(),
    "viewer": set(),
    "pool": set(),
    "gate": {"bus", "painter"},
    "profile": {"gate", "pool"},
    "waiting": {"gate"},
    "grid": {"painter", "pool", "viewer"},
}
IMPORT = re.compile(r"""(?:\bfrom|^import|\bimport\()\s*["']([^"']+\.js)["']""", re.MULTILINE)
# A statement at the start of a line that is none of these acts on the page, for instance by adding a listener.
HARMLESS = re.compile(r"(import|export|const|let|class|async|function\*?|return)\b")


def imports(module: Path) -> set[Path]:
    """What a module imports, types included; ComfyUI serves what lies outside of ``web``."""
    found = {(module.parent / path).resolve() for path in IMPORT.findall(module.read_text(encoding="utf-8"))}
    return {path for path in found if path.is_relative_to(LIB)}


def folder(module: Path) -> str:
    return str(module.parent.relative_to(LIB))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(LIB)))
def test_a_module_exists_for_every_import(module: Path) -> None:
    assert [path for path in imports(module) if not path.is_file()] == []


def test_every_folder_uses_only_the_core_and_the_layers_below_it() -> None:
    used: dict[str, set[str]] = {name: set() for name in LAYERS}
    for module in MODULES:
        used[folder(module)] |= set(map(folder, imports(module)))
    above = {name: sorted(targets - LAYERS[name] - {".", name}) for name, targets in used.items()}
    assert {name: targets for name, targets in above.items() if targets} == {}


def test_the_layers_have_no_circle() -> None:
    TopologicalSorter(LAYERS).prepare()  # raises CycleError


def test_modules_depend_on_each_other_one_way() -> None:
    real = re.compile(r"""^(?:import|export)\b[^;]*?\bfrom\s+["']([^"']+)["']""", re.MULTILINE)
    arrows = {
        module: {(module.parent / path).resolve() for path in real.findall(module.read_text(encoding="utf-8"))}
        for module in MODULES
    }
    TopologicalSorter(arrows).prepare()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(LIB)))
def test_importing_a_module_does_nothing(module: Path) -> None:
    statements = re.findall(r"^[A-Za-z_$].*", module.read_text(encoding="utf-8"), re.MULTILINE)
    assert [line for line in statements if not HARMLESS.match(line)] == []
