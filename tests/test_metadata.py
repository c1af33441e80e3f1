"""What ComfyUI's registry and the package index are told: each name and address leads somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import datasete

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT, COMFY = SETTINGS["project"], SETTINGS["tool"]["comfy"]
URL = "https://github.com/datasete/datasete"
RAW = "https://raw.githubusercontent.com/datasete/datasete/main/"
PACKED = {
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "__init__.py",
    "__main__.py",
    "datasete",
    "docs",
    "example_workflows",
    "locales",
    "plugins",
    "pyproject.toml",
    "requirements.txt",
    "web",
}


def tracked(*options: str) -> set[str]:
    command = ["git", "ls-files", "-z", "--cached", *options]
    return set(
        filter(None, subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0"))
    )


def size_of(path: str) -> tuple[int, int]:
    with Image.open(ROOT / path) as image:
        return image.size


def test_the_registry_finds_the_version_where_the_build_does() -> None:
    assert COMFY["version"]["path"] == SETTINGS["tool"]["hatch"]["version"]["path"]
    found = re.findall(r'^__version__ = "([^"]+)"$', (ROOT / COMFY["version"]["path"]).read_text("utf-8"), re.MULTILINE)
    assert found == [datasete.__version__]
    assert re.fullmatch(r"\d+\.\d+\.\d+", datasete.__version__)


def test_every_address_is_of_this_repository_and_every_file_is_there() -> None:
    urls = PROJECT["urls"]
    assert {"Repository", "Issues", "Documentation", "Changelog", "Homepage"} == set(urls)
    assert urls["Repository"] == URL
    for url in urls.values():
        assert url.startswith(URL)
        _, _, path = url.partition("/main/")
        assert (ROOT / path).exists()


def test_classifiers_are_those_that_the_registry_keeps() -> None:
    assert "Operating System :: OS Independent" in PROJECT["classifiers"]
    assert [name for name in PROJECT["classifiers"] if name.startswith("Environment ::")] == []


def test_the_registry_knows_the_oldest_comfyui() -> None:
    [version] = re.findall(r"Datasete runs on ComfyUI (\d+\.\d+) or later", (ROOT / "README.md").read_text("utf-8"))
    assert COMFY["requires-comfyui"] == f">={version}.0"


def test_the_icon_is_a_square_of_at_most_400_pixels() -> None:
    width, height = size_of(COMFY["Icon"].removeprefix(RAW))
    assert width == height <= 400


def test_the_banner_is_21_to_9() -> None:
    width, height = size_of(COMFY["Banner"].removeprefix(RAW))
    assert width * 9 == height * 21


@pytest.mark.parametrize("name", ["icon", "banner"])
def test_each_drawing_has_its_source(name: str) -> None:
    source = (ROOT / "docs" / "images" / f"{name}.svg").read_text("utf-8")
    width, height = size_of(f"docs/images/{name}.png")
    assert f'viewBox="0 0 {width} {height}"' in source


def test_the_archive_of_the_registry_has_what_runs_and_nothing_else() -> None:
    left_out = tracked("--ignored", f"--exclude-from={ROOT / '.comfyignore'}")
    packed = tracked() - left_out
    assert {name.split("/")[0] for name in packed} == PACKED
    assert any(name.startswith("web/docs/") for name in packed)
    assert [name for name in packed if name.startswith("docs/images/")] == []


def test_the_workflow_leaves_out_tests_that_are_there() -> None:
    text = (ROOT / ".github" / "workflows" / "test.yml").read_text("utf-8")
    paths, patterns = re.findall(r"--ignore=(\S+)", text), re.findall(r'--ignore-glob="(\S+)"', text)
    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert [pattern for pattern in patterns if not list((ROOT / "tests").rglob(pattern))] == []
    assert len(paths) > 1 < len(patterns)


def test_the_bug_form_names_the_button_of_the_tab() -> None:
    form = (ROOT / ".github" / "ISSUE_TEMPLATE" / "bug.yml").read_text("utf-8")
    [button] = re.findall(r"press “([^”]+)”, and paste", form)
    assert f'button("{button}"' in (ROOT / "web" / "lib" / "status" / "view.js").read_text("utf-8")
