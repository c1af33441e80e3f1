"""Eight processes edit one manifest: every edit is there, once."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from datasete_fsspec import datasete_open_store

ROOT = Path(__file__).resolve().parents[2]
WRITERS, EDITS = 8, 50 if os.environ.get("CI") == "true" else 10

EDITOR = """
import json, sys
from datasete.plugin import Conflict, Space
from datasete_fsspec import datasete_open_store

store, name = datasete_open_store(Space(**json.loads(sys.argv[1]))), sys.argv[2]
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


@pytest.fixture(params=["seaweedfs", "moto", "samba"])
def space(request):
    return request.getfixturevalue(request.param).space()


def test_processes_lose_no_edit(space):
    store = datasete_open_store(space)
    store.write("pool/manifest.json", b"[]")
    described = json.dumps({"name": space.name, "url": space.url, "options": dict(space.options)})
    editors = [
        subprocess.Popen([sys.executable, "-c", EDITOR, described, str(number), str(EDITS)],
                         cwd=ROOT, stdin=subprocess.PIPE, text=True)
        for number in range(WRITERS)
    ]  # fmt: skip
    for editor in editors:
        editor.stdin.write("go\n")
        editor.stdin.close()
    assert [editor.wait() for editor in editors] == [0] * WRITERS
    edits = Counter(json.loads(store.read(["pool/manifest.json"])["pool/manifest.json"].data))
    store.close()
    assert len(edits) == WRITERS * EDITS
    assert set(edits.values()) == {1}
