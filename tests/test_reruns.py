"""With CI=true a browser test has a second attempt, and the end of the output names it. By hand it has none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

KIT = Path(__file__).resolve().parent / "kit"

SETTINGS = """
[pytest]
addopts = --strict-markers -ra -p no:cacheprovider -p reruns
asyncio_default_fixture_loop_scope = function
filterwarnings = error
"""

CONFTEST = """
import reruns


def pytest_collection_modifyitems(items):
    reruns.rerun_once_in_ci(items)
"""

SAMPLE = """
from pathlib import Path

import pytest
from reruns import is_rerun


@pytest.fixture(scope="session")
def shared():
    return []


@pytest.fixture
def page(request, shared):
    shared.append(request.node.name)
    return "fresh" if is_rerun(request.node) else "shared"


def test_steady(page):
    assert page == "shared"


def test_flaky(page):
    assert page == "fresh", "the clock was unlucky\\nand more is to be said"


def test_shared_fixtures_outlive_a_rerun(shared):
    assert shared == ["test_steady", "test_flaky", "test_flaky"]
"""

BROKEN = """
def test_broken():
    raise ValueError("broken both times")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text(SETTINGS)
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_sample.py").write_text(SAMPLE)
    return tmp_path


def run(project: Path, *options: str, ci: bool) -> tuple[int, list[str]]:
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "PYTEST_ADDOPTS")}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(KIT), environment.get("PYTHONPATH")]))
    command = [sys.executable, "-m", "pytest", *options]
    done = subprocess.run(
        command, cwd=project, env=environment | ({"CI": "true"} if ci else {}),
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


WAYS = pytest.mark.parametrize("options", [(), ("-n", "2", "--dist", "loadfile")], ids=["alone", "spread"])


@WAYS
def test_one_flake_does_not_sink_a_run_and_stands_at_its_end(project: Path, options: tuple[str, ...]) -> None:
    status, lines = run(project, *options, ci=True)
    assert status == 0, "\n".join(lines)
    assert "3 passed, 1 rerun" in lines[-3]
    assert "failed, and ran once more" in lines[-2]
    assert lines[-1] == "test_sample.py::test_flaky (then passed): AssertionError: the clock was unlucky"


@WAYS
def test_a_test_that_fails_twice_fails_the_run(project: Path, options: tuple[str, ...]) -> None:
    (project / "test_broken.py").write_text(BROKEN)
    status, lines = run(project, *options, ci=True)
    assert status == pytest.ExitCode.TESTS_FAILED
    assert "1 failed, 3 passed, 2 rerun" in lines[-4]
    assert sorted(lines[-2:]) == [
        "test_broken.py::test_broken (failed again): ValueError: broken both times",
        "test_sample.py::test_flaky (then passed): AssertionError: the clock was unlucky",
    ]


@WAYS
def test_by_hand_nothing_runs_twice(project: Path, options: tuple[str, ...]) -> None:
    status, lines = run(project, *options, ci=False)
    assert status == pytest.ExitCode.TESTS_FAILED
    assert "2 failed, 1 passed" in lines[-1]
    assert not [line for line in lines if "ran once more" in line]
