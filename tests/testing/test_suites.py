"""What the suites for plugin authors may lean on, and that their docstring says it."""

import ast
from pathlib import Path

import pytest

import datasete.testing

FOLDER = Path(datasete.testing.__file__).parent
LOADING = {"loading", "observers", "policies", "triggers"}
OURS = {"runs"}
"""A helper of our own tests of batches, which no plugin author needs."""


def imported(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_a_suite_imports_what_the_docstring_says(path):
    allowed = {"datasete.plugin"} | ({"datasete.hooks.manager", "datasete.config"} if path.stem in LOADING else set())
    ours = {name for name in imported(path) if name.startswith("datasete") and not name.startswith("datasete.testing")}
    assert path.stem in OURS or ours <= allowed


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_")))
def test_the_docstring_names_every_suite(name):
    assert name == "loading" or f"``{name}``" in datasete.testing.__doc__


def test_every_module_with_checks_has_its_asserts_explained():
    text = (FOLDER / "__init__.py").read_text("utf-8")
    for path in FOLDER.glob("*.py"):
        if any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(path.read_text("utf-8")))):
            assert f'"{path.stem}"' in text, path.stem
