"""A clone may have any folder name: the linters find nothing in it, and ``make`` finds its way."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from clones import copy_tracked


@pytest.fixture(scope="module", params=["datasete-x", "a b/my pack"])
def clone(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_tracked(tmp_path_factory.mktemp("clones") / request.param)


def call(*command: str, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_no_rule_depends_on_the_name_of_the_folder(clone: Path) -> None:
    pytest.importorskip("ruff", reason="the extra “lint” is not installed")
    assert call(sys.executable, "-m", "ruff", "check", "--no-cache", "--quiet", ".", cwd=clone) == ""
    assert call(sys.executable, "-m", "ruff", "format", "--no-cache", "--quiet", "--check", ".", cwd=clone) == ""


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_make_names_no_path_outside_of_the_clone(clone: Path) -> None:
    # Called by `make test`, make would say which folder it enters.
    planned = call("make", "--no-print-directory", "--dry-run", "serve", "test", "bench", cwd=clone)
    assert ".venv/bin/python -m pytest" in planned
    assert str(clone) not in planned  # a space in it would need quotes in every line
