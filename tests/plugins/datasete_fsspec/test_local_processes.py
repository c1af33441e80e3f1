import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from racing_writers import race
from scale import rounds

from datasete.plugin import Space

ROOT = Path(__file__).resolve().parents[3]
ROUNDS = rounds(50, ci=400, campaign=2000)
WRITERS, EDITS = 8, 50

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")


def test_killed_writers_tear_nothing_and_lose_nothing_acknowledged(tmp_path, capsys):
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "kit" / "killed_writer.py", tmp_path / "bus", str(ROUNDS)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    with capsys.disabled():
        print(f"\nlocal store, kill -9: {counts}")
    assert counts["rounds"] == ROUNDS
    assert counts["acknowledged"] > 0
    assert (counts["torn"], counts["lost"], counts["unswept"]) == (0, 0, 0)


def test_processes_lose_no_edit(tmp_path):
    edits = race(Space("pools", str(tmp_path / "pools")), WRITERS, EDITS)
    assert len(edits) == WRITERS * EDITS
    assert set(edits.values()) == {1}
