import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from datasete_fsspec.local import LocalStore

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
ROUNDS = int(os.environ.get("DATASETE_KILL_ROUNDS", "400" if os.environ.get("CI") else "50"))
WRITERS, EDITS = 8, 50

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")

EDITOR = """
import json, sys
from datasete.plugin import Conflict
from datasete_fsspec.local import LocalStore

store, name = LocalStore(sys.argv[1]), sys.argv[2]
sys.stdin.readline()
for turn in range(int(sys.argv[3])):
    while True:
        blob = store.read(["pool/manifest.json"])["pool/manifest.json"]
        edited = json.dumps([*json.loads(blob.data), f"{name}.{turn}"]).encode()
        try:
            store.write("pool/manifest.json", edited, blob.version)
            break
        except Conflict:
            pass
assert "torch" not in sys.modules
"""


def test_killed_writers_tear_nothing_and_lose_nothing_acknowledged(tmp_path, capsys):
    done = subprocess.run(
        [sys.executable, HERE / "killed_writer.py", tmp_path / "bus", str(ROUNDS)],
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
    store = LocalStore(tmp_path / "pools")
    store.write("pool/manifest.json", b"[]")
    editors = [
        subprocess.Popen(
            [sys.executable, "-c", EDITOR, str(tmp_path / "pools"), str(number), str(EDITS)],
            cwd=ROOT, stdin=subprocess.PIPE, text=True,
        )
        for number in range(WRITERS)
    ]  # fmt: skip
    for editor in editors:
        editor.stdin.write("go\n")
        editor.stdin.close()
    assert [editor.wait() for editor in editors] == [0] * WRITERS
    edits = Counter(json.loads(store.read(["pool/manifest.json"])["pool/manifest.json"].data))
    assert len(edits) == WRITERS * EDITS
    assert set(edits.values()) == {1}
