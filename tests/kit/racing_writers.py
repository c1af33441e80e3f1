"""Processes that edit one manifest at once; as a program, one of them: ``racing_writers.py SPACE NAME EDITS``."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from datasete.plugin import Conflict, Space
from datasete_fsspec import datasete_open_store

KEY = "pool/manifest.json"
ROOT = Path(__file__).resolve().parents[2]


def race(space, writers, edits):
    """How often each edit of `writers` processes, which make `edits` each, is in the manifest afterwards."""
    store = datasete_open_store(space)
    store.write(KEY, b"[]")
    described = json.dumps({"name": space.name, "url": space.url, "options": dict(space.options)})
    running = [
        subprocess.Popen(
            [sys.executable, __file__, described, str(number), str(edits)], cwd=ROOT, stdin=subprocess.PIPE, text=True
        )
        for number in range(writers)
    ]
    for each in running:
        each.stdin.write("go\n")
        each.stdin.close()
    assert [each.wait() for each in running] == [0] * writers
    found = Counter(json.loads(store.read([KEY])[KEY].data))
    store.close()
    return found


def edit(space, name, edits):
    """Add `edits` lines to the manifest, each on top of whatever is there by then."""
    store = datasete_open_store(space)
    sys.stdin.readline()
    for turn in range(edits):
        while True:
            blob = store.read([KEY])[KEY]
            edited = json.dumps([*json.loads(blob.data), f"{name}.{turn}"]).encode()
            try:
                store.write(KEY, edited, blob.version)
                break
            except Conflict:
                pass
    assert "torch" not in sys.modules


if __name__ == "__main__":
    edit(Space(**json.loads(sys.argv[1])), sys.argv[2], int(sys.argv[3]))
