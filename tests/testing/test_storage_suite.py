"""That every bundled store runs the whole suite, and that the suite is what it says."""

import ast
import inspect
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from datasete.testing.storage import StorageConformance
from datasete_fsspec import ADAPTERS

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("tests/plugins/datasete_fsspec", "tests/stores")
RUNS = {
    "file": ["TestLocalStore"],
    "memory": ["TestMemoryStore"],
    "s3": ["TestS3OnSeaweedFS", "TestS3OnMoto", "TestS3OnUnconditionalGateway"],
    "smb": ["TestSmbStore"],
    "any other": ["TestGenericStore"],
}
CHECKS = {name for name, _ in inspect.getmembers(StorageConformance, inspect.isfunction) if name.startswith("test_")}


@pytest.fixture(scope="module")
def collected():
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", *FOLDERS],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = defaultdict(set)
    for line in done.stdout.splitlines():
        if line.count("::") == 2:
            _, name, check = line.split("::")
            found[name].add(check)
    return found


def test_every_bundled_adapter_has_its_runs():
    assert RUNS.keys() == {*ADAPTERS, "any other"}


def test_the_suite_has_at_least_sixty_checks(collected, capsys):
    with capsys.disabled():
        print(f"\nstorage conformance: {len(CHECKS)} checks, {len(collected['TestMemoryStore'])} cases a store")
    assert len(CHECKS) >= 60


@pytest.mark.parametrize("name", [name for names in RUNS.values() for name in names])
def test_every_run_is_whole(collected, name):
    assert {check.partition("[")[0] for check in collected[name]} >= CHECKS
    assert collected[name] >= collected["TestMemoryStore"]  # a store may pass further suites


def test_no_run_overrides_a_check():
    for path in (path for folder in FOLDERS for path in (ROOT / folder).glob("test_*_conformance.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                assert not [item.name for item in node.body if getattr(item, "name", "").startswith("test")], path
