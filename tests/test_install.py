"""What an install brings: wheels alone, on the systems and Pythons that people have."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def environment(system: str, machine: str, version: str, implementation: str = "cpython") -> dict[str, str]:
    return {
        "sys_platform": system,
        "platform_machine": machine,
        "python_version": version,
        "implementation_name": implementation,
    }


WITH_WHEELS = [
    environment(system, machine, version)
    for version in ("3.10", "3.11", "3.12", "3.13", "3.14", "3.15")
    for system, machine in (
        ("linux", "x86_64"),
        ("linux", "aarch64"),
        ("darwin", "arm64"),
        ("darwin", "x86_64"),
        ("win32", "AMD64"),
    )
]
WITHOUT = [
    environment("win32", "ARM64", "3.13"),
    environment("linux", "riscv64", "3.13"),
    environment("linux", "armv7l", "3.11"),
    environment("freebsd14", "arm64", "3.13"),
    environment("android", "aarch64", "3.13"),
    environment("linux", "x86_64", "3.16"),
    environment("linux", "x86_64", "3.11", "pypy"),
]


def isal_is_wanted_in(system: dict[str, str]) -> bool:
    [isal] = [each for each in map(Requirement, PROJECT["dependencies"]) if each.name == "isal"]
    return isal.marker is None or isal.marker.evaluate(system)


@pytest.mark.parametrize("system", WITH_WHEELS, ids=lambda system: "-".join(system.values()))
def test_isal_is_installed_where_it_has_a_wheel(system: dict[str, str]) -> None:
    assert isal_is_wanted_in(system)


@pytest.mark.parametrize("system", WITHOUT, ids=lambda system: "-".join(system.values()))
def test_isal_is_left_out_where_pip_would_compile_it(system: dict[str, str]) -> None:
    assert not isal_is_wanted_in(system)


def test_comfyuis_own_torch_is_left_alone() -> None:
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    names = [Requirement(line).name for line in lines if not line.startswith("#")]
    assert "torch" not in names
    assert names == [name for name in (Requirement(each).name for each in PROJECT["dependencies"]) if name != "torch"]
