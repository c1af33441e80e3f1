"""The style sheets hold nothing that no module uses, and modules name no class that nothing knows."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

WEB = Path(__file__).parents[1] / "web"
SHEETS = sorted(WEB.rglob("*.css"))
HOSTS = {"pi"}  # what ComfyUI's own sheets style
ASSEMBLED = {"ds-grid": ("active", "cursor", "masked", "used")}  # prefix and flag of a cell


@cache
def scripts() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(WEB.rglob("*.js")))


def rules(sheet: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)


def styled(sheet: Path) -> set[str]:
    """The classes in a sheet's selectors."""
    selectors = re.sub(r"\{[^{}]*\}", " ", rules(sheet))
    return set(re.findall(r"\.(-?[A-Za-z_][\w-]*)", selectors))


def mentioned(name: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", scripts()) is not None


def set_by_modules() -> set[str]:
    """Our classes that stand whole in a module's strings, where elements are made or dressed."""
    places = re.findall(r"""class: ["`]([^"`]*)["`]|classList\.(?:add|toggle)\(([^)]*)\)""", scripts())
    words = " ".join(" ".join(place) for place in places)
    return set(re.findall(r"(?<![\w-])ds-[a-z]+(?:-[a-z]+)*(?![\w-])", words))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: str(sheet.relative_to(WEB)))
def test_every_class_in_a_sheet_is_set_by_a_module(sheet: Path) -> None:
    assembled = {f"{prefix}-{flag}" for prefix, flags in ASSEMBLED.items() for flag in flags}
    assert {name for name in styled(sheet) - assembled if not mentioned(name)} == set()


def test_every_class_that_a_module_sets_is_styled_or_looked_for() -> None:
    known = HOSTS.union(*map(styled, SHEETS))
    tests = "\n".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.rglob("*.py"))
    looked_for = set(re.findall(r"\.([a-z][\w-]*)", scripts() + tests))
    assert set_by_modules() - known - looked_for == set()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: str(sheet.relative_to(WEB)))
def test_every_variable_of_ours_has_a_value(sheet: Path) -> None:
    asked = set(re.findall(r"var\((--d[a-z]+-[a-z-]+)\)", rules(sheet)))
    given = set(re.findall(r"(--d[a-z]+-[a-z-]+)\s*:", "\n".join(map(rules, SHEETS))))
    by_modules = set(re.findall(r"--d[a-z]+-[a-z-]+", scripts()))
    assert asked - given - by_modules == set()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: str(sheet.relative_to(WEB)))
def test_every_sheet_can_be_read_in_one_go(sheet: Path) -> None:
    assert len(sheet.read_text(encoding="utf-8").splitlines()) <= 300
    assert "@import" not in rules(sheet)  # the page would wait for one sheet after the other


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: str(sheet.relative_to(WEB)))
def test_every_sheet_is_linked(sheet: Path) -> None:
    assert re.search(rf'["/]{sheet.stem}(\.css)?"', scripts())
