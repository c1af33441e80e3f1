"""The folders of web/lib depend on each other in one direction, and their modules do nothing when they are imported."""

import re
from pathlib import Path

from datasete.workbench.assets import find_pack

LIB = find_pack().web / "lib"
IMPORT = re.compile(r'^import .*?["\'](\.[^"\']+)["\'];|import\(["\'](\.[^"\']+)["\']\)', re.MULTILINE)
EFFECT = re.compile(r"^(?:[\w.]+\(|window\.|document\.|api\.|app\.|new )", re.MULTILINE)
LAYERS = {
    "": set(),  # the core
    "painter": set(),
    "batch": set(),
    "bus": set(),
    "status": set(),
    "pool": set(),
    "gate": {"bus", "painter"},
    "profile": {"gate", "pool"},
    "grid": {"painter", "pool"},
}


def modules() -> list[Path]:
    return sorted(LIB.rglob("*.js"))


def room(path: Path) -> str:
    return "/".join(path.relative_to(LIB).parts[:-1])


def imported(module: Path) -> set[Path]:
    return {(module.parent / (one or other)).resolve() for one, other in IMPORT.findall(module.read_text("utf-8"))}


def test_every_folder_uses_only_the_core_and_the_layers_below_it():
    used: dict[str, set[str]] = {folder: set() for folder in LAYERS}
    for module in modules():
        for target in imported(module):
            if target.is_relative_to(LIB.resolve()):
                used[room(module)].add(room(LIB / target.relative_to(LIB.resolve())))
    wrong = {folder: sorted(found - LAYERS[folder] - {"", folder}) for folder, found in used.items()}
    assert {folder: extra for folder, extra in wrong.items() if extra} == {}


def test_an_import_registers_nothing():
    found = {module.name: EFFECT.findall(module.read_text("utf-8")) for module in modules()}
    assert {name: effects for name, effects in found.items() if effects} == {}
